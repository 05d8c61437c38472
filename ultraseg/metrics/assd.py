"""Average symmetric surface distance: the mean distance of all edge pixels of both masks.

Source: Heimann et al., 2009 (doi:10.1109/TMI.2009.2013851); MONAI's symmetric SurfaceDistanceMetric.
Departure: none from MONAI but for two empty masks, where it gives NaN. Others differ, on 60 masks of BUSI against
moved ones by these pixels: medpy takes the mean of the two directed means (median 0.005, at most 0.09),
surface-distance weighs elements of a contour drawn between the pixels by their length (median 0.17, at most 0.75):
bench/measures.py.
"""

import numpy as np

from ultraseg.counts import masks
from ultraseg.surfaces import distances


def assd(truth, found, *, pitch=(1.0, 1.0)):
    """The mean over the edge pixels of both masks of the distance to the other's edge.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel; (1, 1) measures in pixels, millimetres measure in millimetres.

    Returns:
        At least 0, in the unit of the pitch; 0 when both are empty, inf when one is.

    Raises:
        ValueError: the shapes differ, a value is not 0 or 1, or the pitch is not two numbers above 0.
    """
    return assd_of(distances(*masks(truth, found), pitch=pitch))


def assd_of(measured):
    """The same from the `Distances` of one image."""
    both = np.concatenate(measured)
    return float(both.mean()) if both.size else 0.0
