"""Dice coefficient, which is the F1 score of the lesion's pixels: of binary masks both are one number.

Source: Dice, 1945; Sorensen, 1948; as F1 van Rijsbergen, 1979, the harmonic mean of precision and recall.
Departure: 1 when both masks are empty, where the ratio is 0/0.
"""

from ultraseg.counts import counts


def dice(truth, found):
    """Twice the overlap over the sum of the sizes.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return dice_of(counts(truth, found))


def dice_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    tp, fp, fn, _ = counted
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0
