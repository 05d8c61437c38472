"""What a calibration error and a Brier score are made of: sums over the pixels, by bin of probability.

Source: Guo, Pleiss, Sun, Weinberger, 2017, equation 3 (arXiv:1706.04599): 15 bins of equal width, bin k holding
what lies above (k - 1)/15 and up to k/15; 0 goes to the first.
"""

from typing import NamedTuple

import numpy as np

from ultraseg.probabilities._checked import checked

BINS = 15


class Calibration(NamedTuple):
    """Sums over pixels; of several images, add field by field.

    By bin, `[15]`: `pixels`, those of `lesion`, and the sum of their `probabilities`. `squares` is the sum over all
    pixels of the squared difference of probability and truth.
    """

    pixels: np.ndarray
    lesion: np.ndarray
    probabilities: np.ndarray
    squares: float


def calibrate(truth, probability):
    """Take the sums of one image.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        `Calibration`, in float64 whatever came in.

    Raises:
        ValueError: the shapes differ, there is no pixel, a mask value is not 0 or 1, or a probability is not a number
            in [0, 1].
    """
    inside, p = checked(truth, probability)
    p = p.astype(np.float64, copy=False)
    bins = np.maximum(np.ceil(p * BINS).astype(np.intp) - 1, 0)
    pixels = np.bincount(bins, minlength=BINS)
    lesion = np.bincount(bins[inside], minlength=BINS)
    squares = np.square(p - inside).sum()
    return Calibration(pixels, lesion, np.bincount(bins, p, BINS), float(squares))
