from ultraseg.overlays.find import KINDS, Mark, find, marks
