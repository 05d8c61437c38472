"""Random flips of image and mask together."""

import cv2
import numpy as np


def flip(image, mask, seed, *, horizontal=0.5, vertical=0.0):
    """Mirror left-right and top-bottom, each by its own chance.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]`.
        seed: whole numbers that decide the draw.
        horizontal: chance of a left-right flip, in [0, 1].
        vertical: chance of a top-bottom flip, in [0, 1]; in ultrasound it puts the skin at the bottom.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: a chance is out of range.
    """
    if not (0 <= horizontal <= 1 and 0 <= vertical <= 1):
        raise ValueError(f"flip: chances must be in [0, 1], got {horizontal} and {vertical}")
    left_right, top_bottom = np.random.default_rng(seed).random(2) < (horizontal, vertical)
    if not (left_right or top_bottom):
        return image, mask
    code = -1 if left_right and top_bottom else int(left_right)
    return cv2.flip(image, code).reshape(image.shape), cv2.flip(mask, code)
