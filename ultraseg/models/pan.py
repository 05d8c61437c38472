"""PAN: attention over a small pyramid at the deepest map, and on the way up gates from what is known below.

Source: Li et al., 2018 (arXiv:1805.10180), as segmentation_models.pytorch builds it.
Departure: the pyramid's three poolings leave a side of one as it is, so that an image may have less than 128 pixels.
"""

import keras
from keras import layers

from ultraseg.layers import (
    AlignedResizing2D,
    AlignedUpSampling2D,
    DirectConv2D,
    HalvingPooling2D,
    crop_like,
    norm,
    pad_to_stride,
)
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of, whole

FINEST = 2
"""The number of the finest map that is used, at stride 4."""


def PAN(input_shape, classes, *, encoder="ResNet34", depth=5, output_stride=16, decoder_channels=32):
    """Build a pyramid attention network.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that the deepest map's stride does not
            divide are reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps; at an output stride of
            16 one that can dilate.
        depth: number of the deepest map that is used, 3 to 5.
        output_stride: the encoder's last stride, 16 (its last stage is dilated) or 32.
        decoder_channels: channels of every map in the decoder.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown or cannot dilate.
    """
    one_of("PAN", "depth", depth, (3, 4, 5))
    one_of("PAN", "output_stride", output_stride, (16, 32))
    whole("PAN", "decoder_channels", decoder_channels)
    image = image_of("PAN", input_shape, classes)
    strides = [min(2**number, output_stride) for number in range(depth + 1)]
    maps = encode(pad_to_stride(image, strides[-1], who="PAN"), encoder, depth=depth, output_stride=strides[-1])
    features = _attention(maps[-1], decoder_channels)
    for number in reversed(range(FINEST, depth)):
        factor = strides[number + 1] // strides[number]
        features = _gated(maps[number], features, factor, f"decoder-gau{number - FINEST + 1}")
    logits = head(features, classes, upsampling=strides[FINEST])
    return keras.Model(image, crop_like(logits, image), name="PAN")


def _attention(features, channels):
    """Feature pyramid attention: the map, weighed by a pyramid of wide kernels, and its mean."""
    name = "decoder-fpa"
    mean = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}-branch1-0")(features)
    mean = _unit(mean, channels, 1, f"{name}-branch1-1")
    middle = _unit(features, channels, 1, f"{name}-mid-0")
    pyramid = features
    levels = []
    for number, size in ((1, 7), (2, 5), (3, 3)):
        pyramid = HalvingPooling2D(name=f"{name}-down{number}-0")(pyramid)
        pyramid = _unit(pyramid, 1, size, f"{name}-down{number}-1")
        levels.append(pyramid)
    weights = _unit(levels.pop(), 1, 3, f"{name}-down3-2")
    for number, size in ((2, 5), (1, 7)):
        level = _unit(levels.pop(), 1, size, f"{name}-conv{number}")
        weights = AlignedResizing2D(name=f"{name}-up{number}")([weights, level])
        weights = layers.Add(name=f"{name}-add{number}")([level, weights])
    weights = AlignedResizing2D(name=f"{name}-up")([weights, middle])
    weighed = layers.Multiply(name=f"{name}-weigh")([weights, middle])
    return layers.Add(name=f"{name}-add")([weighed, mean])


def _gated(skip, features, factor, name):
    """Global attention upsampling: the mean of what comes up says how much each channel of the skip counts."""
    channels = features.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}-conv1-0")(features)
    gate = _unit(gate, channels, 1, f"{name}-conv1-1", rectified=False)
    gate = layers.Activation("sigmoid", name=f"{name}-conv1-2")(gate)
    skip = layers.Multiply(name=f"{name}-weigh")([_unit(skip, channels, 3, f"{name}-conv2"), gate])
    if factor > 1:
        features = AlignedUpSampling2D(factor, name=f"{name}-up")(features)
    return layers.Add(name=f"{name}-add")([features, skip])


def _unit(features, channels, size, name, *, rectified=True):
    """Convolve with a bias, normalize, rectify."""
    features = DirectConv2D(channels, size, padding="same", kernel_initializer="he_uniform", name=f"{name}-conv")(
        features
    )
    features = norm(features, f"{name}-bn")
    return layers.ReLU(name=f"{name}-activation")(features) if rectified else features
