"""Hausdorff distance of the edges: how far the worst edge pixel lies from the other edge.

Source: Hausdorff, 1914; Huttenlocher, Klanderman, Rucklidge, 1993.
Departure: none but for empty masks; MONAI's is the same number, and on masks of lesions surface-distance's too.
"""

from ultraseg.counts import masks
from ultraseg.surfaces import distances


def hausdorff(truth, found, *, pitch=(1.0, 1.0)):
    """The greatest of all distances from an edge pixel of one mask to the nearest of the other.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel; (1, 1) measures in pixels, millimetres measure in millimetres.

    Returns:
        At least 0, in the unit of the pitch; 0 when both are empty, inf when one is.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, or the pitch is not two numbers above 0.
    """
    return hausdorff_of(distances(*masks(truth, found), pitch=pitch))


def hausdorff_of(measured):
    """The same from the `Distances` of one image."""
    return float(max(measured.from_truth.max(initial=0), measured.from_found.max(initial=0)))
