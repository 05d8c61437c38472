"""Random contrast: grey values spread or squeezed about the image's mean."""

import cv2
import numpy as np


def contrast(image, mask, seed, *, limit=0.2):
    """Multiply the distance of each grey value from the image's mean by a factor drawn about 1.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        limit: the factor is drawn evenly from [1 - limit, 1 + limit]; in [0, 1).

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: `limit` is out of range.
    """
    if not 0 <= limit < 1:
        raise ValueError(f"contrast: limit must be in [0, 1), got {limit}")
    factor = np.random.default_rng(seed).uniform(1 - limit, 1 + limit)
    mean = float(np.mean(cv2.mean(image)[: image.shape[-1]]))
    levels = np.clip(np.rint((np.arange(256) - mean) * factor + mean), 0, 255).astype(np.uint8)
    return cv2.LUT(image, levels).reshape(image.shape), mask
