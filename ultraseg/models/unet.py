"""U-Net: an encoder, and a decoder that joins each stage's features to the ones it brings back up.

Source: Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597); on an encoder other than `plain`, the decoder of
segmentation_models.pytorch.
Departure: padded convolutions, so that the output is as large as the input; batch norm and dropout as options.
On the plain encoder both decoders halve the channels with a 2x2 kernel in every stage, after the nearest neighbour
or as a transposed convolution, so that they differ in how they upsample and not in how many weights they have.
"""

from ultraseg.models._u_net import u_net


def UNet(
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
    """Build a U-Net.

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
        depth: number of stages down and up again; None takes 4 on the plain encoder and 5 on others.
        batch_norm: normalize after every 3x3 convolution; None does not on the plain encoder and does on others,
            whose own batch norms are theirs.
        dropout: share of channels dropped in each block of the decoder and of the plain encoder, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is smaller than 2**depth, or the encoder is unknown.
    """
    return u_net(
        "UNet",
        input_shape,
        classes,
        encoder=encoder,
        decoder=decoder,
        width=width,
        decoder_channels=decoder_channels,
        depth=depth,
        batch_norm=batch_norm,
        dropout=dropout,
    )
