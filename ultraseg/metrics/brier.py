"""Brier score: the mean squared error of the probabilities.

Source: Brier, 1950, in the halved form for two classes, as scikit-learn's brier_score_loss.
"""

from ultraseg.probabilities import calibrate


def brier(truth, probability):
    """The mean over the pixels of the squared difference of probability and truth.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        In [0, 1], 0 being best; an empty truth is no special case.

    Raises:
        ValueError: the shapes differ, a mask value is not 0 or 1, or a probability is not a number in [0, 1].
    """
    return brier_of(calibrate(truth, probability))


def brier_of(calibration):
    """The same from the `Calibration` of one image, or of a `Histogram` of many."""
    return float(calibration.squares / calibration.pixels.sum())
