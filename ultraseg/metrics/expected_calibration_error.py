"""Expected calibration error: how far probabilities lie from the share of lesion among pixels alike.

Source: Naeini, Cooper, Hauskrecht, 2015; Guo, Pleiss, Sun, Weinberger, 2017, equation 3 (arXiv:1706.04599): 15 equal
bins, each closed above.
Departure: bins of the lesion's probability, from 0 to 1, not of the likelier class's: 0.1 that is 0.3 errs by 0.2.
"""

import numpy as np

from ultraseg.probabilities import calibrate


def expected_calibration_error(truth, probability):
    """The mean over the pixels of |share of lesion - mean probability| in the pixel's bin.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        In [0, 1], 0 being best; an empty truth is no special case. Pixels of background that are sure to be some
        weigh most: the error of an image of a small lesion is small whatever happens at its edge.

    Raises:
        ValueError: the shapes differ, a mask value is not 0 or 1, or a probability is not a number in [0, 1].
    """
    return expected_calibration_error_of(calibrate(truth, probability))


def expected_calibration_error_of(calibration):
    """The same from the `Calibration` of one image, or of a `Histogram` of many."""
    gaps = np.abs(calibration.lesion - calibration.probabilities)
    return float(gaps.sum() / calibration.pixels.sum())
