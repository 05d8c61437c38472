"""False alarms: found components that match no lesion.

Source: Maier-Hein et al., 2024 (doi:10.1038/s41592-023-02151-z): false positives are counted by component, after
matching.
"""

from ultraseg.counts import masks
from ultraseg.lesions import compare


def false_alarms(truth, found, *, overlap=0.1):
    """The number of found components without a matched lesion of at least this IoU.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape; a component is a part connected by sides or corners.
        overlap: the IoU from which a component counts as right, above 0 and at most 1.

    Returns:
        A count: 0 when found is empty, all components when truth is. Its mean over images without lesion is the
        false alarms per normal image.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, or the overlap is not in (0, 1].
    """
    return false_alarms_of(compare(*masks(truth, found)), overlap=overlap)


def false_alarms_of(compared, *, overlap=0.1):
    """The same from the `Lesions` of one image."""
    return float(compared.components - compared.matched(overlap))
