"""Random brightness: one grey offset for the whole image."""

import cv2
import numpy as np


def brightness(image, mask, seed, *, limit=0.2):
    """Add an offset drawn evenly from both sides of 0.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        limit: largest offset, as a share of the full range, in [0, 1].

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: `limit` is out of range.
    """
    if not 0 <= limit <= 1:
        raise ValueError(f"brightness: limit must be in [0, 1], got {limit}")
    offset = np.random.default_rng(seed).uniform(-limit, limit) * 255
    levels = np.clip(np.rint(np.arange(256) + offset), 0, 255).astype(np.uint8)
    return cv2.LUT(image, levels).reshape(image.shape), mask
