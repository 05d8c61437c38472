"""Pixel accuracy, which an all-background mask brings to one minus the lesion's share."""

from ultraseg.counts import counts


def accuracy(truth, found):
    """The share of pixels on the right side.

    Args:
        truth: mask in {0, 1}, `[height, width]`, not of size 0.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1].

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return accuracy_of(counts(truth, found))


def accuracy_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    return (counted.tp + counted.tn) / sum(counted)
