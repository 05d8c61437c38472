from ultraseg.preprocess.anisotropic_diffusion import anisotropic_diffusion
from ultraseg.preprocess.clahe import clahe
from ultraseg.preprocess.median import median
from ultraseg.preprocess.normalize import normalize
from ultraseg.preprocess.remove_overlays import remove_overlays
from ultraseg.preprocess.resize import resize
from ultraseg.preprocess.scale import scale
from ultraseg.preprocess.standardize import standardize
