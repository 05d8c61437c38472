"""Brightness, contrast, saturation and hue of one image, shaken in random order.

Source: torchvision's `ColorJitter` and the 8-bit functions behind it.
Departure: values are rounded to whole grey levels, where torchvision cuts them off.
"""

import cv2
import numpy as np


def jitter(image, rng, *, brightness, contrast, saturation, hue):
    """Shake an image's colours.

    Args:
        image: uint8 `[height, width, 1 or 3]`; three channels are red, green and blue.
        rng: NumPy generator.
        brightness: grey values are multiplied by a factor drawn evenly from 1 - brightness to 1 + brightness.
        contrast: likewise their distance from the mean luma.
        saturation: likewise the distance of each colour from its luma; one channel has none.
        hue: the hue turns by a share of the circle drawn evenly from both sides of 0; one channel has none.

    Returns:
        Image, of the same shape, clipped to [0, 255].

    Raises:
        ValueError: a limit is out of range.
    """
    limits = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    for name, limit in limits.items():
        if not 0 <= limit <= 1:
            raise ValueError(f"colour jitter: {name} must be in [0, 1], got {limit}")
    if not 0 <= hue <= 0.5:
        raise ValueError(f"colour jitter: hue must be in [0, 0.5], got {hue}")
    steps = (_brightness, _contrast, _saturation, _hue)
    order = rng.permutation(4)
    drawn = [rng.uniform(1 - limit, 1 + limit) for limit in limits.values()] + [rng.uniform(-hue, hue)]
    for number in order:
        image = steps[number](image, drawn[number])
    return image


def _brightness(image, factor):
    return _mapped(image, np.arange(256) * factor)


def _contrast(image, factor):
    mean = cv2.mean(_luma(image))[0]
    return _mapped(image, np.arange(256) * factor + mean * (1 - factor))


def _saturation(image, factor):
    if image.shape[-1] == 1:
        return image
    grey = cv2.merge([_luma(image)] * 3)
    return cv2.addWeighted(image, factor, grey, 1 - factor, 0)


def _hue(image, turn):
    if image.shape[-1] == 1:
        return image
    colours = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    colours[..., 0] = (colours[..., 0] + 360 * turn) % 360
    return cv2.convertScaleAbs(cv2.cvtColor(colours, cv2.COLOR_HSV2RGB), alpha=255)


def _luma(image):
    return image if image.shape[-1] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def _mapped(image, levels):
    return cv2.LUT(image, np.clip(np.rint(levels), 0, 255).astype(np.uint8)).reshape(image.shape)
