from ultraseg.losses.bce import bce
from ultraseg.losses.dice import dice
from ultraseg.losses.kld import kld
