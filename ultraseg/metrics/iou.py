"""Intersection over union, the Jaccard index.

Source: Jaccard, 1901.
"""

from ultraseg.counts import counts


def iou(truth, found):
    """The overlap over the united area.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.
    """
    tp, fp, fn, _ = counts(truth, found)
    return tp / (tp + fp + fn) if tp + fp + fn else 1.0
