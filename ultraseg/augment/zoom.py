"""Random zoom and crop of image and mask: magnified about a random point of the image."""

import numpy as np

from ultraseg.augment._affine import affine


def zoom(image, mask, seed, *, low=1.0, high=1.3):
    """Magnify by a factor and take a crop of the old size at a random place.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`; nearest neighbour, so its values stay.
        seed: whole numbers that decide the draw.
        low: smallest factor, above 0; below 1 the image shrinks and its mirror image fills the rest.
        high: largest factor, at least `low`.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: the factors are out of range.
    """
    if not 0 < low <= high:
        raise ValueError(f"zoom: factors must fulfil 0 < low <= high, got {low} and {high}")
    rng = np.random.default_rng(seed)
    factor = rng.uniform(low, high)
    height, width = mask.shape[:2]
    shift_x, shift_y = rng.random(2) * (1 - factor) * (width - 1, height - 1)
    return affine(image, mask, np.array([[factor, 0, shift_x], [0, factor, shift_y]]))
