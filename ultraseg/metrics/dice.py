"""Dice coefficient, which is the F1 score of the lesion's pixels.

Source: Dice, 1945; Sorensen, 1948.
"""

from ultraseg.counts import counts


def dice(truth, found):
    """Twice the overlap over the sum of the sizes.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.
    """
    tp, fp, fn, _ = counts(truth, found)
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0
