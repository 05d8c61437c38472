from ultraseg.models.unet import UNet
from ultraseg.models.valid_unet import ValidUNet
