"""Normalized surface distance: how much of both edges lies within a tolerance of the other.

Source: Nikolov et al., 2018 (arXiv:1809.04430), as MONAI's compute_surface_dice counts it, by edge pixels.
Departure: Nikolov's own surface-distance weighs elements of a contour drawn between the pixels by their length: on 60
masks of BUSI against moved ones, at 2 pixels, the median difference is 0.005 and the greatest 0.06. See
bench/measures.py.
"""

import math

import numpy as np

from ultraseg.counts import masks
from ultraseg.surfaces import distances


def nsd(truth, found, *, pitch=(1.0, 1.0), tolerance=2.0):
    """The share of the edge pixels of both masks that lie within a tolerance of the other's edge.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel; (1, 1) measures in pixels, millimetres measure in millimetres.
        tolerance: the distance up to which an edge counts as right, in the unit of the pitch, at least 0. No
            source has a default: it is what annotators differ by, and is stated with every score.

    Returns:
        In [0, 1]; 1 when both are empty, 0 when one is.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, the pitch is not two numbers above 0, or the
            tolerance is not a number of at least 0.
    """
    return nsd_of(distances(*masks(truth, found), pitch=pitch), tolerance=tolerance)


def nsd_of(measured, *, tolerance=2.0):
    """The same from the `Distances` of one image."""
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"nsd: tolerance must be a number of at least 0, got {tolerance}")
    both = np.concatenate(measured)
    return float(np.mean(both <= tolerance)) if both.size else 1.0
