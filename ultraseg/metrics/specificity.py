"""Specificity, the recall of the background: how much of it was left unmarked.

Source: Yerushalmy, 1947.
Departure: without background the ratio is 0/0; then 1 if all was marked, else 0.
"""

from ultraseg.counts import counts


def specificity(truth, found):
    """The share of the background's pixels that were left unmarked.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        In [0, 1]; near 1 on images of small lesions whatever is found. When truth is all lesion, 1 if found is
        too, else 0. An empty truth is no special case: all of it is background.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return specificity_of(counts(truth, found))


def specificity_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    _, fp, fn, tn = counted
    return tn / (tn + fp) if tn + fp else float(fn == 0)
