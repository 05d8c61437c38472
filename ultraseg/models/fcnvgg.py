"""FCNVGG: report 004's own net, a frozen VGG-16, one 435x435 convolution and four transposed ones to half the size.

Source: report 004's listing; nothing after VGG-16 is non-linear, so that all that trains is one affine map.
Departure: sides that 32 does not divide are reflected up to it, and the logits are cropped to half the image's.
Of the 435x435 kernel only the window is computed with that can meet the map, 13x13 of it on 7x7: the same function and
the same gradient, since the rest multiplies zeros alone.
"""

import keras
from keras import layers

from ultraseg.layers import CropLike, WideConvolution2D, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import precision
from ultraseg.models._image import image_of
from ultraseg.models._pytorch_draw import pytorch_draw

WIDTHS = (64, 32, 16, 8)


def FCNVGG(input_shape, classes, *, weights: str | None = None, kernel=435):
    """Build report 004's net.

    Args:
        input_shape: `(height, width, channels)`, in the report 224, 224 and 3; a side may be None.
        classes: channels of the output; the report has 3.
        weights: of the VGG-16: None draws them, `imagenet` fetches them, or the path of a file; with weights, pixels
            must be in [0, 1].
        kernel: side of the first convolution's kernel, odd; 13 computes the same on images up to 224x224.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits
        `[batch, ceil(height / 2), ceil(width / 2), classes]`, float32 under mixed precision.

    Raises:
        ValueError: the kernel's side is not odd, a side is smaller than 32, or the weights cannot be had or do not fit.
    """
    if kernel < 1 or kernel % 2 == 0:
        raise ValueError(f"FCNVGG: kernel must be odd and at least 1, got {kernel}")
    image = image_of("FCNVGG", input_shape, classes)
    encoder = {"VGG16": {"weights": weights, "frozen": True}}
    features = encode(pad_to_stride(image, 32, who="FCNVGG"), encoder, depth=5)[-1]
    features = WideConvolution2D(3, kernel, name="conv5")(features)
    for number, width in enumerate(WIDTHS, start=1):
        features = layers.Conv2DTranspose(
            width, 4, strides=2, padding="same", name=f"trans_conv{number}", **_draw(16 * width)
        )(features)
    features = layers.Conv2D(3, 3, padding="same", name="conv6", **_draw(9 * WIDTHS[-1]))(features)
    logits = layers.Conv2D(classes, 3, padding="same", dtype=precision(), name="conv7", **_draw(27))(features)
    half = layers.MaxPooling2D(2, padding="same", name="half")(image)
    logits = CropLike(dtype=logits.dtype, name="crop_like")([logits, half])
    return keras.Model(image, logits, name="FCNVGG")


def _draw(fan_in):
    """He's kernel, as the listing asks for, and PyTorch's own bias."""
    return {**pytorch_draw(fan_in), "kernel_initializer": "he_normal"}
