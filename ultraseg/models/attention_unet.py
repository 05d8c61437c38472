"""Attention U-Net: a U-Net whose skips are weighed at every place by what the coarser stage has found there.

Source: Oktay et al., 2018 (arXiv:1804.03999), equations 1 and 2 and figure 2; report 001 names it as future work.
Departure: the paper does not number the channels inside a gate, here half of the skip's. It has the gates begin open:
here by a bias of 3, a weight of 0.95. The rest of the network is the U-Net of this room, so that the gates are the only
difference.
"""

from keras import initializers, layers

from ultraseg.layers import AlignedUpSampling2D
from ultraseg.models._encode import name_of
from ultraseg.models._u_net import u_net

OPEN = 3.0


def AttentionUNet(
    input_shape,
    classes,
    *,
    encoder="plain",
    decoder="upsample",
    width: int | None = None,
    decoder_channels: tuple | None = None,
    depth: int | None = None,
    batch_norm: bool | None = None,
    dropout=0.0,
):
    """Build a U-Net with attention gates on its skips, all but the finest.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        decoder: `upsample` (the nearest neighbour, UpSampling2D's function; on the plain encoder with a 2x2
            convolution) or `transpose` (Conv2DTranspose 2x2), in every stage.
        width: channels of the decoder's finest stage; they double at every stage down. None takes 32 on the plain
            encoder, whose stages are as wide, and 16 on others.
        decoder_channels: channels of the decoder's blocks instead, coarsest first, one for each halving; not on the
            plain encoder.
        depth: number of stages down and up again, at least 2 on the plain encoder and 3 on others, whose finest stage
            joins nothing; None takes 4 and 5.
        batch_norm: normalize after every 3x3 convolution; None does not on the plain encoder and does on others,
            whose own batch norms are theirs.
        dropout: share of channels dropped in each block of the decoder and of the plain encoder, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    finest = 0 if name_of(encoder) == "plain" else 1
    if depth is not None and depth < finest + 2:
        raise ValueError(
            f"AttentionUNet: depth must be at least {finest + 2} on the encoder {name_of(encoder)}, "
            f"for the finest skip has no gate, got {depth}"
        )
    return u_net(
        "AttentionUNet",
        input_shape,
        classes,
        encoder=encoder,
        decoder=decoder,
        width=width,
        decoder_channels=decoder_channels,
        depth=depth,
        batch_norm=batch_norm,
        dropout=dropout,
        gate=lambda skip, below, stage: _gated(skip, below, f"gate{stage}") if stage > finest else skip,
    )


def _gated(skip, below, name):
    """Weigh a skip at every place, by itself and by the map below it, whose sides are half as long."""
    channels = max(skip.shape[-1] // 2, 1)
    theta = layers.Conv2D(channels, 2, 2, use_bias=False, kernel_initializer="he_uniform", name=f"{name}-theta")(skip)
    phi = layers.Conv2D(channels, 1, kernel_initializer="he_uniform", name=f"{name}-phi")(below)
    both = layers.ReLU(name=f"{name}-relu")(layers.Add(name=f"{name}-add")([theta, phi]))
    weights = layers.Conv2D(
        1, 1, activation="sigmoid", bias_initializer=initializers.Constant(OPEN), name=f"{name}-psi"
    )(both)
    weights = AlignedUpSampling2D(2, name=f"{name}-weights")(weights)
    return layers.Multiply(name=f"{name}-skip")([skip, weights])
