"""Random flips of image and mask together."""

import numpy as np

from ultraseg.augment._mirrored import mirrored


def flip(image, mask, seed, *, horizontal=0.5, vertical=0.0):
    """Mirror left-right and top-bottom, each by its own chance.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`.
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
    return mirrored(image, mask, left_right=left_right, top_bottom=top_bottom)
