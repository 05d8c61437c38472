"""Random resized crop: a part of random area and aspect ratio, stretched back to the whole.

Source: torchvision's `RandomResizedCrop`, after Szegedy et al., 2015 (arXiv:1409.4842, section 6).
Departure: the part is cut at the network's size, where the image has that size's aspect ratio; and the mask is cut
as a mask, by nearest neighbour.
"""

import numpy as np

from ultraseg.augment._cropped import cropped, resized_crop_window


def random_resized_crop(image, mask, seed, *, scale=(0.08, 1.0), ratio=(0.75, 1.3333333333333333)):
    """Cut a random part out and stretch it to the old size; it may miss the lesion.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`; nearest neighbour, so its values stay.
        seed: whole numbers that decide the draw.
        scale: smallest and largest share of the area, 0 < low <= high <= 1, drawn evenly.
        ratio: smallest and largest width over height of the part, 0 < low <= high, drawn evenly in the logarithm.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: a range is out of order or out of bounds.
    """
    window = resized_crop_window(np.random.default_rng(seed), mask.shape, scale=scale, ratio=ratio)
    return cropped(image, mask, window)
