"""Area under the receiver operating characteristic of the pixels.

Source: Hanley and McNeil, 1982: the chance that a lesion pixel is given more than a background pixel, ties half.
Departure: probabilities are sorted into 65536 levels, even in log-odds from -24 to 24, so that the count takes one
pass and no sort, and confident answers, which differ in their last digits alone, keep their order.
"""

import numpy as np

LEVELS = 65536
LIMIT = 24.0
"""Log-odds beyond which probabilities count as equal; float32 holds none between 1 - exp(-16.6) and 1."""


def histograms(truth, probability):
    """Count background and lesion pixels at each level of probability.

    Args:
        truth: mask in {0, 1}, any shape.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        int64 `[2, 65536]`; histograms of images may be added.

    Raises:
        ValueError: the shapes differ, or a probability is not a number in [0, 1].
    """
    if truth.shape != probability.shape:
        raise ValueError(f"auc: truth is {truth.shape} but probability is {probability.shape}")
    if probability.size and not (probability.min() >= 0 and probability.max() <= 1):
        raise ValueError("auc: probabilities must be numbers in [0, 1]")
    p = np.clip(probability.ravel().astype(np.float64), np.exp(-LIMIT), 1 - np.exp(-LIMIT))
    level = np.rint((np.log(p / (1 - p)) / LIMIT + 1) / 2 * (LEVELS - 1)).astype(np.int64)
    both = np.bincount(level + LEVELS * (truth.ravel() > 0), minlength=2 * LEVELS)
    return both.reshape(2, LEVELS)


def auc(truth, probability):
    """Area under the ROC curve over the pixels of one image.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        probability: of lesion, same shape, in [0, 1].

    Returns:
        In [0, 1]; NaN where truth holds one class alone, since the curve is then undefined.
    """
    return area(histograms(truth, probability))


def area(levels):
    """Area under the ROC curve from counts by level.

    Args:
        levels: `[2, levels]`, background and lesion.

    Returns:
        In [0, 1]; NaN where a class is missing.
    """
    background, inside = levels.astype(np.float64)
    pairs = background.sum() * inside.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(background) - background
    return float(np.sum(inside * (below + background / 2)) / pairs)
