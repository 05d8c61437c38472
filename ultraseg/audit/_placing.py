"""Placing: changes of x and y from one picture to another, and two pictures brought to the same pixels.

A change is a float64 `[2, 3]` that takes x, y of one picture to another; whole numbers are the middles of pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ultraseg.audit._features import resized

SIDE = 480  # pixels of the longest side on which pictures are compared; finer detail is mostly compression


@dataclass(frozen=True)
class Together:
    """Two pictures at one size: `large` is to be drawn on the pixels of `small`, the coarser of the two.

    `to_small` and `to_large` take x, y of the whole pictures there, `between` takes x, y in small to large. `swapped`
    says that `small` is the second picture.
    """

    small: np.ndarray
    large: np.ndarray
    to_small: np.ndarray
    to_large: np.ndarray
    between: np.ndarray
    swapped: bool


def brought_together(one, other, transform):
    """Shrink the finer of two pictures to the coarser, and both to the size at which pictures are compared."""
    swapped = np.linalg.det(transform[:, :2]) < 1
    if swapped:
        one, other, transform = other, one, inverse(transform)
    small, to_small = shrunk(one, [min(1, SIDE / max(one.shape))] * 2)
    stretch = np.abs(np.diag(transform[:, :2]))
    large, to_large = shrunk(other, np.minimum(1, np.diag(to_small[:, :2]) / np.maximum(stretch, 0.1)))
    between = chained(inverse(to_small), transform, to_large)
    return Together(small, large, to_small, to_large, between, swapped)


def laid(picture, transform, shape):
    """Draw a picture on the pixels of another.

    Args:
        picture: uint8 `[h, w]`.
        transform: takes x, y in the other to the picture, `[2, 3]`.
        shape: the other's height and width.

    Returns:
        uint8 of that shape, its border repeated outwards, and bool, where the picture shows something.
    """
    drawn = cv2.warpAffine(picture, transform, shape[::-1], flags=_INVERSE, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones_like(picture), transform, shape[::-1], flags=_INVERSE)
    return drawn, inside > 0


_INVERSE = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def shrunk(picture, factors):
    """A picture made smaller by factors of its width and height, and the change of x, y that this is."""
    height, width = picture.shape
    shape = max(round(height * factors[1]), 1), max(round(width * factors[0]), 1)
    across, down = shape[1] / width, shape[0] / height
    return resized(picture, shape), np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def chained(*transforms):
    """One change of x, y for several, the first one first, float64 `[2, 3]`."""
    whole = np.eye(3)
    for transform in transforms:
        whole = np.vstack([transform, [0, 0, 1]]) @ whole
    return whole[:2]


def inverse(transform):
    """The change of x, y that undoes another."""
    return np.linalg.inv(np.vstack([transform, [0, 0, 1]]))[:2]
