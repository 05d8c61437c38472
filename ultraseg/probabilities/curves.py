"""The curves behind the pooled numbers, thinned to what a figure can show.

Source: Fawcett, 2006 (doi:10.1016/j.patrec.2005.10.010), for ROC and precision-recall; DeGroot and Fienberg, 1983, for
the reliability curve.
Departure: every point is one of the exact curve, most are left out.
"""

import numpy as np

POINTS = 300


def roc_curve(ranking):
    """The receiver operating characteristic.

    Args:
        ranking: the `Ranking` of an image or of a `Histogram`.

    Returns:
        False positive rate and true positive rate, each ascending from 0 to 1, `[points]`, at most 300; of no points
        where the lesion or the background is missing.
    """
    lesion = ranking.lesion.sum()
    if not (lesion and ranking.background):
        return np.empty(0), np.empty(0)
    # a tie is a slope: from what is more probable than it to what is as probable
    alarms = np.stack([ranking.alarms - ranking.tied, ranking.alarms], axis=-1)[::-1].ravel()
    hits = np.stack([ranking.hits - ranking.lesion, ranking.hits], axis=-1)[::-1].ravel()
    across, up = np.r_[0, alarms / ranking.background, 1], np.r_[0, hits / lesion, 1]
    kept = _evenly(across + up)
    return across[kept], up[kept]


def precision_recall_curve(ranking):
    """Precision against recall.

    Args:
        ranking: the `Ranking` of an image or of a `Histogram`.

    Returns:
        Recall, ascending to 1, and precision, `[points]`, at most 300, one for each threshold that holds a lesion
        pixel; of no points where the lesion is missing. There is no point at recall 0, where precision is 0/0.
    """
    hits, alarms = ranking.hits[::-1], ranking.alarms[::-1]
    if not hits.size:
        return np.empty(0), np.empty(0)
    recall = hits / ranking.lesion.sum()
    kept = _evenly(recall)
    return recall[kept], (hits / (hits + alarms))[kept]


def reliability_curve(calibration):
    """The share of lesion against the probability.

    Args:
        calibration: the `Calibration` of an image or of a `Histogram`.

    Returns:
        Mean probability, share of lesion and number of pixels, `[15]` each, by bin of probability; means are NaN in
        a bin without pixels. On the diagonal where probabilities are what they claim.
    """
    pixels = calibration.pixels
    held = np.where(pixels > 0, pixels, np.nan)
    return calibration.probabilities / held, calibration.lesion / held, pixels


def _evenly(way):
    """Indices, both ends among them, whose way is about evenly spaced; `way` ascends."""
    if way.size <= POINTS:
        return np.arange(way.size)
    return np.unique(np.searchsorted(way, np.linspace(way[0], way[-1], POINTS)))
