"""The four counts of a thresholded mask against the truth, from which the measures follow."""

import numpy as np


def counts(truth, found):
    """Count hits, false alarms, misses and correct rejections.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        tp, fp, fn, tn in pixels.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    if truth.shape != found.shape:
        raise ValueError(f"metrics: truth is {truth.shape} but found is {found.shape}")
    for name, mask in (("truth", truth), ("found", found)):
        if mask.size and not np.all((mask == 0) | (mask == 1)):
            raise ValueError(f"metrics: {name} must hold 0 and 1 alone")
    truth, found = truth.astype(bool), found.astype(bool)
    tp = np.count_nonzero(truth & found)
    fp, fn = np.count_nonzero(found) - tp, np.count_nonzero(truth) - tp
    return tp, fp, fn, truth.size - tp - fp - fn
