"""Random elastic deformation: image and mask bent together by a smooth field of displacements.

Source: Simard, Steinkraus and Platt, 2003 (Document Analysis and Recognition, section 2): displacements drawn evenly
from -1 to 1 and smoothed by a Gaussian.
Departure: the field is scaled by its own longest displacement, so that the amplitude is in pixels; and it is drawn on
a grid as coarse as its smoothness allows.
"""

import math

import cv2
import numpy as np


def elastic(image, mask, seed, *, sigma=24.0, amplitude=8.0):
    """Move every pixel by a smooth random field; what lies outside is the mirror image.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`; nearest neighbour, so its values stay.
        seed: whole numbers that decide the draw.
        sigma: standard deviation of the Gaussian that smooths the field, in pixels, above 0: larger bends wider.
        amplitude: longest displacement, in pixels, drawn evenly from [0, amplitude]; at most half of sigma, beyond
            which the image may fold over itself.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: an option is out of range.
    """
    if not 0 < sigma < math.inf:
        raise ValueError(f"elastic: sigma must be above 0 pixels, got {sigma}")
    if not 0 <= amplitude <= sigma / 2:
        raise ValueError(f"elastic: amplitude must be in [0, sigma / 2 = {sigma / 2:g}] pixels, got {amplitude}")
    rng = np.random.default_rng(seed)
    longest = rng.uniform(0, amplitude)
    rows, columns = _displacements(rng, mask.shape[:2], sigma, longest)
    rows += np.arange(len(rows), dtype=np.float32)[:, None]
    columns += np.arange(columns.shape[1], dtype=np.float32)
    bent = cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    moved = cv2.remap(mask, columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)
    return bent.reshape(image.shape), moved.reshape(mask.shape)


def _displacements(rng, shape, sigma, longest):
    """Two float32 fields `[height, width]`, downwards and to the right, in pixels."""
    height, width = shape
    cell = max(1.0, sigma / 3)
    grid = [max(2, math.ceil(side / cell)) for side in shape]
    drawn = rng.uniform(-1, 1, (*grid, 2)).astype(np.float32)
    smooth = cv2.GaussianBlur(drawn, (0, 0), sigma / cell, borderType=cv2.BORDER_REFLECT)
    fields = cv2.split(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC))
    reach = float(cv2.magnitude(*fields).max())
    return [field * np.float32(longest / reach) for field in fields]
