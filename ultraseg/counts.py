"""The four counts of a thresholded mask against the truth, from which the measures follow."""

from typing import NamedTuple

import numpy as np


class Counts(NamedTuple):
    """Pixels by what they are and what they are called; of several images, add field by field."""

    tp: int
    fp: int
    fn: int
    tn: int


def masks(truth, found):
    """Check two masks of one image, for everything that compares them.

    Args:
        truth: mask in {0, 1}, any number type.
        found: mask in {0, 1}, same shape.

    Returns:
        Both as uint8, not copied where they are that already.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    if truth.shape != found.shape:
        raise ValueError(f"metrics: truth is {truth.shape} but found is {found.shape}")
    for name, mask in (("truth", truth), ("found", found)):
        if mask.size and not (_small(mask) or np.all((mask == 0) | (mask == 1))):
            raise ValueError(f"metrics: {name} must hold 0 and 1 alone")
    return truth.astype(np.uint8, copy=False), found.astype(np.uint8, copy=False)


def _small(mask):
    """Whether a mask of 8 bits holds nothing above 1, which is quick to see."""
    return mask.dtype in (np.uint8, np.bool_) and mask.max() <= 1


def counts(truth, found):
    """Count hits, false alarms, misses and correct rejections.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        `Counts`: tp, fp, fn, tn in pixels.

    Raises:
        ValueError: as `masks`.
    """
    truth, found = masks(truth, found)
    tp = int(np.count_nonzero(truth & found))
    fp, fn = int(np.count_nonzero(found)) - tp, int(np.count_nonzero(truth)) - tp
    return Counts(tp, fp, fn, truth.size - tp - fp - fn)
