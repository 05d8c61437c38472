from ultraseg.sm.networks import architecture, backbone, backbones, pixels
from ultraseg.sm.rebuilt import rebuilt, renumbered
