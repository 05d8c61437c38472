"""Lesions that were detected: those matched by a found component at a stated overlap.

Source: Maier-Hein et al., 2024 (doi:10.1038/s41592-023-02151-z): detection is counted by lesion, after matching.
"""

from ultraseg.counts import masks
from ultraseg.lesions import compare


def detected(truth, found, *, overlap=0.5):
    """The number of lesions whose matched component has at least this IoU with them.

    Args:
        truth: mask in {0, 1}, `[height, width]`; a lesion is a part connected by sides or corners.
        found: mask in {0, 1}, same shape.
        overlap: the IoU from which a lesion counts as detected, above 0 and at most 1.

    Returns:
        A count, 0 when either is empty. Over images, its sum over the sum of the lesions is the sensitivity.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, or the overlap is not in (0, 1].
    """
    return detected_of(compare(*masks(truth, found)), overlap=overlap)


def detected_of(compared, *, overlap=0.5):
    """The same from the `Lesions` of one image."""
    return float(compared.matched(overlap))
