from ultraseg.probabilities._calibration import Calibration, calibrate
from ultraseg.probabilities._ranking import Ranking, rank
from ultraseg.probabilities.curves import precision_recall_curve, reliability_curve, roc_curve
from ultraseg.probabilities.histogram import Histogram
