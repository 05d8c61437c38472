"""Precision, the positive predictive value: how much of what was marked is lesion.

Source: Kent, Berry, Luehrs, Perry, 1955.
Departure: with nothing marked the ratio is 0/0; then 1 if there was nothing to mark, else 0.
"""

from ultraseg.counts import counts


def precision(truth, found):
    """The share of the marked pixels that are lesion.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return precision_of(counts(truth, found))


def precision_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    tp, fp, fn, _ = counted
    return tp / (tp + fp) if tp + fp else float(fn == 0)
