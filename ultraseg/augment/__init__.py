from ultraseg.augment.brightness import brightness
from ultraseg.augment.contrast import contrast
from ultraseg.augment.flip import flip
from ultraseg.augment.rotation import rotation
from ultraseg.augment.zoom import zoom
