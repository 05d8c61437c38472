from ultraseg.preprocess.normalize import normalize
from ultraseg.preprocess.resize import resize
from ultraseg.preprocess.scale import scale
from ultraseg.preprocess.standardize import standardize
