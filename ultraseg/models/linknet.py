"""LinkNet: narrow blocks that double a map by a transposed convolution, and skips that are added to it.

Source: Chaurasia, Culurciello, 2017 (arXiv:1707.03718), as segmentation_models.pytorch builds it.
Departure: none.
"""

import keras
from keras import layers

from ultraseg.layers import conv_norm_relu, crop_like, norm_relu, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of
from ultraseg.models._pytorch_draw import pytorch_draw

LAST = 32
"""Channels of the last block, in front of the head."""


def Linknet(input_shape, classes, *, encoder="ResNet34", depth=5):
    """Build a LinkNet.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        depth: how many times the encoder halves the image, 1 to 5.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    one_of("Linknet", "depth", depth, (1, 2, 3, 4, 5))
    image = image_of("Linknet", input_shape, classes)
    features, *skips = encode(pad_to_stride(image, 2**depth, who="Linknet"), encoder, depth=depth)[:0:-1]
    for block, skip in enumerate(skips):
        features = _doubled(features, skip.shape[-1], f"decoder-blocks-{block}-block")
        features = layers.Add(name=f"decoder-blocks-{block}-add")([features, skip])
    features = _doubled(features, LAST, f"decoder-blocks-{len(skips)}-block")
    return keras.Model(image, crop_like(head(features, classes, 1), image), name="Linknet")


def _doubled(features, channels, name):
    """Narrow to a quarter of the channels, double the sides there, widen."""
    narrow = max(1, features.shape[-1] // 4)
    features = conv_norm_relu(features, narrow, 1, name=f"{name}-0")
    features = layers.Conv2DTranspose(
        narrow, 4, strides=2, padding="same", name=f"{name}-1-0", **pytorch_draw(4 * 4 * narrow)
    )(features)
    features = norm_relu(features, f"{name}-1-1", f"{name}-1-2")
    return conv_norm_relu(features, channels, 1, name=f"{name}-2")
