"""SutdUNet: report 001's U-Net, five stages of batch-normalized double convolutions.

Source: report 001's notebook (Singapore University of Technology and Design), after Aladdin Persson's U-Net, whose
own features are 64, 128, 256, 512: the report put one of 32 before them.
Departure: images of any size, reflected up to the stride and cropped in the end, where the original resizes what comes
up to the skip's size.
"""

import keras
from keras import layers

from ultraseg.layers import conv_norm_relu, crop_like, pad_to_stride
from ultraseg.models._head import precision
from ultraseg.models._image import image_of
from ultraseg.models._options import several
from ultraseg.models._pytorch_draw import pytorch_draw


def SutdUNet(input_shape, classes, *, features=(32, 64, 128, 256, 512)):
    """Build report 001's U-Net.

    Args:
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output; the report has 1.
        features: channels of each stage, finest first; the bottleneck has twice the last.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: `features` is no list of positive numbers, or a side is smaller than the stride,
            `2**len(features)`.
    """
    several("SutdUNet", "features", features)
    image = image_of("SutdUNet", input_shape, classes)
    maps = pad_to_stride(image, 2 ** len(features), who="SutdUNet")
    skips = []
    for stage, width in enumerate(features):
        maps = _double(maps, width, f"encoder{stage}")
        skips.append(maps)
        maps = layers.MaxPooling2D(2, name=f"encoder{stage}_pool")(maps)
    maps = _double(maps, 2 * features[-1], "bottleneck")
    for stage, width in reversed(list(enumerate(features))):
        up = layers.Conv2DTranspose(width, 2, strides=2, name=f"decoder{stage}_up", **pytorch_draw(4 * width))
        maps = layers.Concatenate(name=f"decoder{stage}_join")([skips[stage], up(maps)])
        maps = _double(maps, width, f"decoder{stage}")
    logits = layers.Conv2D(classes, 1, dtype=precision(), name="logits", **pytorch_draw(features[0]))(maps)
    return keras.Model(image, crop_like(logits, image), name="SutdUNet")


def _double(maps, width, name):
    for index in (1, 2):
        draw = pytorch_draw(9 * maps.shape[-1])["kernel_initializer"]
        maps = conv_norm_relu(maps, width, name=f"{name}-conv{index}", initializer=draw)
    return maps
