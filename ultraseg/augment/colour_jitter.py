"""Random colour jitter: brightness, contrast, saturation and hue, in random order, of the image alone.

Source: torchvision's `ColorJitter`.
Departure: the limits of the factors reach 1 at most, and values are rounded, not cut off.
"""

import numpy as np

from ultraseg.augment._jitter import jitter


def colour_jitter(image, mask, seed, *, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1):
    """Shake brightness, contrast, saturation and hue; of a grey image the first two are left.

    Args:
        image: uint8 `[height, width, 1 or 3]`; three channels are red, green and blue.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        brightness: grey values are multiplied by a factor drawn evenly from 1 - brightness to 1 + brightness, in
            [0, 1].
        contrast: likewise their distance from the mean luma, in [0, 1].
        saturation: likewise the distance of each colour from its luma, in [0, 1].
        hue: the hue turns by a share of the circle drawn evenly from both sides of 0, in [0, 0.5].

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: a limit is out of range.
    """
    rng = np.random.default_rng(seed)
    return jitter(image, rng, brightness=brightness, contrast=contrast, saturation=saturation, hue=hue), mask
