from ultraseg.metrics.accuracy import accuracy
from ultraseg.metrics.auc import auc
from ultraseg.metrics.dice import dice
from ultraseg.metrics.iou import iou
