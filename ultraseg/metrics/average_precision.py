"""Average precision: precision averaged over the lesion's pixels, each marked with all that is as probable.

Source: Salton and McGill, 1983; scikit-learn's average_precision_score, without interpolation.
Departure: NaN instead of 0 where there is no lesion, since there is then nothing to average over.
"""

import numpy as np

from ultraseg.probabilities import rank


def average_precision(truth, probability):
    """The mean, over the lesion's pixels, of the precision at that pixel's probability as threshold.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        In [0, 1]; a guess scores the lesion's share. NaN where truth is empty, 1 where it is all lesion.

    Raises:
        ValueError: the shapes differ, a mask value is not 0 or 1, or a probability is not a number in [0, 1].
    """
    return average_precision_of(rank(truth, probability))


def average_precision_of(ranking):
    """The same from the `Ranking` of one image, or of a `Histogram` of many."""
    lesion = int(ranking.lesion.sum())
    if lesion == 0:
        return float("nan")
    return float(np.sum(ranking.lesion * ranking.hits / (ranking.hits + ranking.alarms)) / lesion)
