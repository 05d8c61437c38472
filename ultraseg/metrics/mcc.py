"""Matthews correlation coefficient: the correlation of truth and answer over the pixels.

Source: Matthews, 1975; where the ratio is 0/0, its limits after Chicco and Jurman, 2020
(doi:10.1186/s12864-019-6413-7).
Departure: scikit-learn calls all of these limits 0, which gives an empty image left empty the score of a guess.
"""

import math

from ultraseg.counts import counts


def mcc(truth, found):
    """The correlation coefficient of two masks.

    Args:
        truth: mask in {0, 1}, `[height, width]`, not of size 0.
        found: mask in {0, 1}, same shape.

    Returns:
        In [-1, 1]; 1 when both are empty or both full, -1 when one is empty and the other full, 0 when one alone
        of the two is empty or full.

    Raises:
        ValueError: the shapes differ or a value is not 0 or 1.
    """
    return mcc_of(counts(truth, found))


def mcc_of(counted):
    """The same from the `Counts` of one image, or of several together."""
    tp, fp, fn, tn = (int(count) for count in counted)  # whole numbers of any size, which the product needs
    spread = math.sqrt((tp + fp) * (tn + fn) * (tp + fn) * (tn + fp))
    if spread:
        return (tp * tn - fp * fn) / spread
    return float(fp == fn == 0) - float(tp == tn == 0)
