"""Intersection over union, the Jaccard index.

Source: Jaccard, 1901.
Departure: 1 when both masks are empty, where the ratio is 0/0.
"""

from ultraseg.counts import counts


def iou(truth, found):
    """The overlap over the united area.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return iou_of(counts(truth, found))


def iou_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    tp, fp, fn, _ = counted
    return tp / (tp + fp + fn) if tp + fp + fn else 1.0
