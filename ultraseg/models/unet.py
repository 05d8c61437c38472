"""U-Net: an encoder, and a decoder that joins each stage's features to the ones it brings back up.

Source: Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597).
Departure: padded convolutions, so that the output is as large as the input; batch norm and dropout as options.
Both decoders halve the channels with a 2x2 kernel in every stage, after the nearest neighbour or as a
transposed convolution, so that they differ in how they upsample and not in how many weights they have.
"""

import keras
from keras import layers

from ultraseg.encoders import plain
from ultraseg.layers import ConvolvedUpSampling2D, double_convolution

DECODERS = ("upsample", "transpose")


def UNet(input_shape, classes, *, width=32, depth=4, decoder="upsample", batch_norm=False, dropout=0.0):
    """Build a U-Net on the plain encoder.

    Args:
        input_shape: `(height, width, channels)`, both sides divisible by 2**depth.
        classes: channels of the output.
        width: channels of the first stage; they double at every stage down.
        depth: number of stages down and up again.
        decoder: `upsample` (UpSampling2D with its 2x2 convolution) or `transpose` (Conv2DTranspose 2x2), in
            every stage.
        batch_norm: normalize after every 3x3 convolution.
        dropout: share of channels dropped in each block, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to float32 logits
        `[batch, height, width, classes]`.

    Raises:
        ValueError: an option is out of its range, or a side is smaller than 2**depth or not divisible by it.
    """
    if decoder not in DECODERS:
        raise ValueError(f"UNet: decoder must be one of {', '.join(DECODERS)}, got {decoder!r}")
    if min(width, depth, classes) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            "UNet: width, depth and classes must be at least 1 and dropout in [0, 1), "
            f"got {width}, {depth}, {classes} and {dropout}"
        )
    stride = 2**depth
    for side in input_shape[:2]:
        if side is not None and (side < stride or side % stride):
            near = max(round(side / stride), 1) * stride
            raise ValueError(f"UNet: depth {depth} wants sides divisible by {stride}, got {side}; take {near}")
    image = keras.Input(input_shape, name="image")
    *skips, features = plain(image, width=width, depth=depth, batch_norm=batch_norm, dropout=dropout)
    for stage, skip in reversed(list(enumerate(skips))):
        channels = width * 2**stage
        features = _up(features, channels, decoder, f"decoder{stage}")
        features = layers.Concatenate(name=f"decoder{stage}_join")([skip, features])
        features = double_convolution(
            features, channels, name=f"decoder{stage}", batch_norm=batch_norm, dropout=dropout
        )
    logits = layers.Conv2D(classes, 1, dtype="float32", name="logits")(features)
    return keras.Model(image, logits, name="UNet")


def _up(features, channels, decoder, name):
    if decoder == "transpose":
        return layers.Conv2DTranspose(channels, 2, strides=2, name=f"{name}_up")(features)
    return ConvolvedUpSampling2D(channels, name=f"{name}_up")(features)
