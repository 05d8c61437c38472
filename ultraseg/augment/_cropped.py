"""A part of image and mask stretched back to the whole: the image bilinear, the mask nearest.

Source: torchvision's `resized_crop`, whose antialiasing has nothing to do where a part grows.
Departure: the mask takes the nearest pixel by the centres of the pixels, which is where the image is taken from;
torchvision's nearest shifts a mask by half a pixel.
"""

import math

import cv2
import numpy as np


def cropped(image, mask, window):
    """Cut a window out and stretch it to the old size.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`.
        window: top, left, height and width in pixels, inside the image.

    Returns:
        Image and mask, of the same shapes; the mask keeps its values.
    """
    top, left, tall, wide = window
    size = (image.shape[1], image.shape[0])
    pair = (np.ascontiguousarray(part[top : top + tall, left : left + wide]) for part in (image, mask))
    grown = cv2.resize(next(pair), size, interpolation=cv2.INTER_LINEAR)
    moved = cv2.resize(next(pair), size, interpolation=cv2.INTER_NEAREST_EXACT)
    return grown.reshape(image.shape), moved.reshape(mask.shape)


def resized_crop_window(rng, shape, *, scale, ratio):
    """Draw a window as torchvision's `RandomResizedCrop` does, from ten tries and then from the middle.

    Args:
        rng: NumPy generator.
        shape: height and width of the image.
        scale: smallest and largest share of the image's area, each in (0, 1].
        ratio: smallest and largest width over height, above 0; drawn evenly in its logarithm.

    Returns:
        Top, left, height and width in pixels.

    Raises:
        ValueError: a range is out of order or out of bounds.
    """
    if len(scale) != 2 or not 0 < scale[0] <= scale[1] <= 1:
        raise ValueError(f"random resized crop: scale must be two shares, 0 < low <= high <= 1, got {scale}")
    if len(ratio) != 2 or not 0 < ratio[0] <= ratio[1] < math.inf:
        raise ValueError(f"random resized crop: ratio must be two numbers, 0 < low <= high, got {ratio}")
    height, width = shape[:2]
    for _ in range(10):
        area = height * width * rng.uniform(*scale)
        aspect = math.exp(rng.uniform(math.log(ratio[0]), math.log(ratio[1])))
        wide, tall = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < wide <= width and 0 < tall <= height:
            return int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1)), tall, wide
    tall = min(height, max(1, round(width / ratio[0])))
    wide = min(width, max(1, round(height * ratio[1])))
    return (height - tall) // 2, (width - wide) // 2, tall, wide
