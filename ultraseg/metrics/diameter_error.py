"""Diameter error: how much too long the longest found component is against the longest lesion.

Source: Feret, 1930: the greatest distance between two parallel tangents; of pixels as squares, corner to corner.
"""

from ultraseg.counts import masks
from ultraseg.lesions import compare


def diameter_error(truth, found, *, pitch=(1.0, 1.0)):
    """The largest Feret diameter of any found component less that of any lesion.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel; (1, 1) measures in pixels, millimetres measure in millimetres.

    Returns:
        Any sign, in the unit of the pitch. An empty mask's diameter is 0: nothing found costs the lesion's
        diameter, below 0, and what is found on an empty image costs its own.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, or the pitch is not two numbers above 0.
    """
    return diameter_error_of(compare(*masks(truth, found), pitch=pitch))


def diameter_error_of(compared):
    """The same from the `Lesions` of one image."""
    in_truth, in_found = compared.diameters
    return in_found - in_truth
