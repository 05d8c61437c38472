"""ValidUNet: report 003's own net, whose unpadded convolutions turn 300x300 pixels into 116x116.

Source: report 003's notebook, after Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597). `decoder` changes the
first of four upsamplings alone; the other three are Conv2DTranspose either way.
Departure: logits instead of a softmax. What it predicts covers the central 116x116 pixels of the input.
"""

import keras
from keras import layers

from ultraseg.layers import double_convolution
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._u_net import DECODERS

MARGINS = (88, 40, 16, 4)
"""Pixels that each stage's skip has on every side beyond what comes up to it."""


def ValidUNet(input_shape, classes, *, decoder="upsample", width=64):
    """Build report 003's net.

    Args:
        input_shape: `(height, width, channels)`; each side must survive four poolings without a remainder,
            such as 300 (to 116) or 572 (to 388). A side may be None, and is one of these when the model runs.
        classes: channels of the output; the report has 2.
        decoder: the first upsampling: `upsample` (UpSampling2D, no weights) or `transpose`
            (Conv2DTranspose, 512 channels at the report's width).
        width: channels of the first stage, doubled in each of the next three and in the centre; even.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to float32 logits
        `[batch, height - 184, width - 184, classes]`.

    Raises:
        ValueError: an option is wrong, or a side does not fit.
    """
    if decoder not in DECODERS:
        raise ValueError(f"ValidUNet: decoder must be one of {', '.join(DECODERS)}, got {decoder!r}")
    for side in input_shape[:2]:
        if side is not None and (side < 188 or (side - 188) % 16):
            raise ValueError(f"ValidUNet: sides must be 188, 204, 220, ... (300 in the report), got {side}")
    if width < 2 or width % 2:
        raise ValueError(f"ValidUNet: width must be even and at least 2, got {width}")
    widths = [width * 2**stage for stage in range(len(MARGINS))]
    features = image = image_of("ValidUNet", input_shape, classes)
    skips = []
    for stage, channels in enumerate(widths):
        features = _block(features, channels, f"encoder{stage}")
        skips.append(features)
        features = layers.MaxPooling2D(2, name=f"encoder{stage}_pool")(features)
    features = _block(features, (16 * width, 8 * width), "centre")
    if decoder == "upsample":
        features = layers.UpSampling2D(2, name="decoder3_up")(features)
    else:
        features = _transposed(features, 8 * width, "decoder3_up")
    for stage in (3, 2, 1, 0):
        features = layers.Concatenate(name=f"decoder{stage}_join")([_cropped(skips[stage], stage), features])
        channels = widths[stage]
        features = _block(features, (channels, channels // 2) if stage else (width, width), f"decoder{stage}")
        if stage:
            features = _transposed(features, channels // 2, f"decoder{stage - 1}_up")
    return keras.Model(image, head(features, classes, 1, name="logits"), name="ValidUNet")


def _block(features, width, name):
    return double_convolution(features, width, name=name, padding="valid", initializer="glorot_uniform")


def _transposed(features, width, name):
    return layers.Conv2DTranspose(width, 2, strides=2, padding="same", name=name)(features)


def _cropped(skip, stage):
    return layers.Cropping2D(MARGINS[stage], name=f"decoder{stage}_crop")(skip)
