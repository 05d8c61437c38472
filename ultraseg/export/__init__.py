from ultraseg.export.parity import parity
from ultraseg.export.predict import predict
from ultraseg.export.saved_model import saved_model
