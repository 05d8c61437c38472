"""Random rotation of image and mask about the centre."""

import cv2
import numpy as np

from ultraseg.augment._affine import affine


def rotation(image, mask, seed, *, degrees=15.0):
    """Turn by an angle drawn evenly from both sides of 0; the corners are filled with the mirror image.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`; nearest neighbour, so its values stay.
        seed: whole numbers that decide the draw.
        degrees: largest angle, in [0, 180].

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: `degrees` is out of range.
    """
    if not 0 <= degrees <= 180:
        raise ValueError(f"rotation: degrees must be in [0, 180], got {degrees}")
    angle = np.random.default_rng(seed).uniform(-degrees, degrees)
    height, width = mask.shape[:2]
    return affine(image, mask, cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0))
