"""Recall, the sensitivity of the pixels: how much of the lesion was marked.

Source: Kent, Berry, Luehrs, Perry, 1955; as sensitivity Yerushalmy, 1947.
Departure: without a lesion the ratio is 0/0; then 1 if nothing was marked, else 0.
"""

from ultraseg.counts import counts


def recall(truth, found):
    """The share of the lesion's pixels that were marked.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return recall_of(counts(truth, found))


def recall_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    tp, fp, fn, _ = counted
    return tp / (tp + fn) if tp + fn else float(fp == 0)
