from ultraseg.sources._published import find, published
from ultraseg.sources.get import get
from ultraseg.sources.present import present
