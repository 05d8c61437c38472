"""The refusal of what is no truth or no probability."""

import numpy as np


def checked(truth, probability):
    """Check one image's truth and probabilities, and lay their pixels in a row.

    Args:
        truth: mask in {0, 1}, any shape, at least one pixel.
        probability: of lesion, same shape, in [0, 1], any number type.

    Returns:
        Where the lesion is, bool `[pixels]`; probabilities, `[pixels]`, float32 or float64.

    Raises:
        ValueError: the shapes differ, there is no pixel, a mask value is not 0 or 1, or a probability is not a number
            in [0, 1].
    """
    if truth.shape != probability.shape:
        raise ValueError(f"metrics: truth is {truth.shape} but probability is {probability.shape}")
    if truth.size == 0:
        raise ValueError(f"metrics: an image must hold a pixel, got the shape {truth.shape}")
    if not np.all((truth == 0) | (truth == 1)):
        raise ValueError("metrics: truth must hold 0 and 1 alone")
    least, greatest = probability.min(), probability.max()
    if not (least >= 0 and greatest <= 1):  # NaN is neither
        raise ValueError(f"metrics: probabilities must be numbers in [0, 1], got {least} to {greatest}")
    wide = np.float32 if probability.dtype == np.float16 else np.float64
    kept = probability.dtype in (np.float32, np.float64)
    return truth.ravel() > 0, probability.ravel() if kept else probability.ravel().astype(wide)
