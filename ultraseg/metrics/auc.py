"""Area under the receiver operating characteristic of the pixels.

Source: Hanley and McNeil, 1982: the chance that a lesion pixel is given more than a background pixel, ties half.
Departure: the pairs are counted, and no curve is drawn; the number is scikit-learn's roc_auc_score.
"""

import numpy as np

from ultraseg.probabilities import rank


def auc(truth, probability):
    """Area under the ROC curve over the pixels of one image.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        In [0, 1]; NaN where truth holds one class alone, since the curve is then undefined.

    Raises:
        ValueError: the shapes differ, a mask value is not 0 or 1, or a probability is not a number in [0, 1].
    """
    return auc_of(rank(truth, probability))


def auc_of(ranking):
    """The same from the `Ranking` of one image, or of a `Histogram` of many."""
    pairs = int(ranking.lesion.sum()) * ranking.background
    if pairs == 0:
        return float("nan")
    beaten = ranking.background - ranking.alarms + ranking.tied / 2
    return float(np.sum(ranking.lesion * beaten) / pairs)
