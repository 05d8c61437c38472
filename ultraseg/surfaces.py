"""Distances between the edges of two masks, both ways, from which all surface measures follow.

Source: Huttenlocher, Klanderman, Rucklidge, 1993, for the two directions; Felzenszwalb and Huttenlocher, 2012, for the
exact distance transform, OpenCV's where pixels are square and SciPy's elsewhere. Edges are MONAI's get_mask_edges.
Departure: OpenCV answers in float32; the squares of its distances are rounded to the whole numbers that they are.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np
from scipy import ndimage

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
EXACT = 2**22
"""Squared pixels up to which the square of a float32 root is off by less than one half, and so rounds to the truth."""


class Distances(NamedTuple):
    """Euclidean distances from each edge pixel of one mask to the nearest edge pixel of the other.

    One number per edge pixel, in the unit of the pitch: none for an empty mask, and inf for the pixels of a mask
    whose counterpart is empty.
    """

    from_truth: np.ndarray
    from_found: np.ndarray


def distances(truth, found, *, pitch=(1.0, 1.0)):
    """Measure both directed sets of distances, once for all surface measures.

    An edge pixel belongs to the mask and has a side in common with a pixel that does not; what lies outside the image
    does not.

    Args:
        truth: mask in {0, 1}, `[height, width]`, checked by `counts.masks`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel, in any unit.

    Returns:
        `Distances` in the unit of the pitch, float64.

    Raises:
        ValueError: the masks are not `[height, width]`, or the pitch is not two numbers above 0.
    """
    if truth.ndim != 2:
        raise ValueError(f"surfaces: masks must be [height, width], got the shape {truth.shape}")
    if len(pitch) != 2 or not all(0 < side < math.inf for side in pitch):
        raise ValueError(f"surfaces: pitch must be two numbers above 0, got {pitch}")
    truth, found = (mask.astype(np.uint8, copy=False) for mask in (truth, found))
    left, top, width, height = cv2.boundingRect(truth | found)
    edges = [_edge(mask[top : top + height, left : left + width]) for mask in (truth, found)]
    return Distances(_nearest(*edges, pitch), _nearest(*edges[::-1], pitch))


def _edge(mask):
    if not mask.any():
        return mask
    return mask - cv2.erode(mask, CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)


def _nearest(start, target, pitch):
    """Distances from the pixels of one edge to the nearest of another."""
    if not (start.any() and target.any()):
        return np.full(np.count_nonzero(start), np.inf)
    if pitch[0] == pitch[1] and start.shape[0] ** 2 + start.shape[1] ** 2 < EXACT:
        apart = cv2.distanceTransform(1 - target, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[start > 0]
        return np.sqrt(np.rint(np.square(apart, dtype=np.float64))) * pitch[0]
    return ndimage.distance_transform_edt(target == 0, sampling=pitch)[start > 0]
