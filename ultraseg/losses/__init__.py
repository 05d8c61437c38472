from ultraseg.losses.bce import bce
from ultraseg.losses.bce_behind_softmax import bce_behind_softmax
from ultraseg.losses.dice import dice
from ultraseg.losses.kld import kld
