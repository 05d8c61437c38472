"""Area error: how much too large the marked area is, relative to the lesion's.

Source: Heimann et al., 2009 (doi:10.1109/TMI.2009.2013851), the relative volume difference.
Departure: a share, not percent; stated where there is no lesion.
"""

from ultraseg.counts import counts


def area_error(truth, found):
    """The marked area less the lesion's, over the lesion's.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.

    Returns:
        At least -1; 0.5 is half as much again, -1 is nothing found. 0 when both are empty, inf when truth alone is.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return area_error_of(counts(truth, found))


def area_error_of(counted):
    """The same from the `Counts` of one image."""
    tp, fp, fn, _ = counted
    if tp + fn == 0:
        return float("inf") if fp else 0.0
    return (fp - fn) / (tp + fn)
