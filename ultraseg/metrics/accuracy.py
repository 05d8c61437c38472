"""Pixel accuracy, which an all-background mask brings to one minus the lesion's share."""

from ultraseg.counts import counts


def accuracy(truth, found):
    """The share of pixels on the right side.

    Args:
        truth: mask in {0, 1}, `[height, width]`, not of size 0.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1].
    """
    tp, fp, fn, tn = counts(truth, found)
    return (tp + tn) / (tp + fp + fn + tn)
