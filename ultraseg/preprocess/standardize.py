"""Standardize every image by itself: mean 0, standard deviation 1.

Source: TensorFlow's `per_image_standardization`, whose floor of the deviation, 1/sqrt(pixels) on an image in
[0, 255], keeps a constant image at 0.
"""

import math

from keras import ops


def standardize(images):
    """Take each image's mean off and divide by its standard deviation.

    Args:
        images: float32 `[batch, height, width, channels]`, any range.

    Returns:
        Same shape; an image of one value becomes 0 everywhere.
    """
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    centred = images - mean
    deviation = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2, 3), keepdims=True))
    return centred / ops.maximum(deviation, 1 / math.sqrt(math.prod(images.shape[1:])))
