"""The U of U-Net and its kin: an encoder, and a decoder that joins each stage's skip to what it brings back up.

Source: Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597); on an encoder other than `plain`, the decoder of
segmentation_models.pytorch.
"""

import keras
from keras import layers

from ultraseg.layers import ConvolvedUpSampling2D, crop_like, double_convolution, pad_to_stride
from ultraseg.models._encode import encode, name_of
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._joined import convolved, joined
from ultraseg.models._options import several

DECODERS = ("upsample", "transpose")


def u_net(
    name,
    input_shape,
    classes,
    *,
    encoder,
    decoder,
    width,
    decoder_channels,
    depth,
    batch_norm,
    dropout,
    gate=lambda skip, below, _: skip,
):
    """Build a network of this shape.

    Args:
        name: the builder's.
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        decoder: `upsample` or `transpose`.
        width: channels of the decoder's finest stage, or None.
        decoder_channels: channels of the decoder's blocks, coarsest first, or None.
        depth: number of stages down and up again, or None.
        batch_norm: normalize after every 3x3 convolution, or None.
        dropout: share of channels dropped in each block of the decoder and of the plain encoder, in [0, 1).
        gate: what is joined of a skip: a function of the skip, the map one stage below it and the stage's number.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    plain = name_of(encoder) == "plain"
    if decoder_channels is not None and (plain or width is not None):
        why = "on the encoder plain the decoder's stages are as wide as the encoder's" if plain else "width says it too"
        raise ValueError(f"{name}: decoder_channels must be left out, since {why}")
    width = (32 if plain else 16) if width is None else width
    depth = (4 if plain else 5) if depth is None else depth
    batch_norm = not plain if batch_norm is None else batch_norm
    if decoder not in DECODERS:
        raise ValueError(f"{name}: decoder must be one of {', '.join(DECODERS)}, got {decoder!r}")
    if min(width, depth) < 1 or not 0 <= dropout < 1:
        raise ValueError(
            f"{name}: width and depth must be at least 1 and dropout in [0, 1), got {width}, {depth} and {dropout}"
        )
    if decoder_channels is None:
        decoder_channels = [width * 2**stage for stage in reversed(range(depth))]
    else:
        several(name, "decoder_channels", decoder_channels, depth)
    image = image_of(name, input_shape, classes)
    padded = pad_to_stride(image, 2**depth, who=name)
    if plain:
        shared = {"width": width, "batch_norm": batch_norm, "dropout": dropout}
        maps = encode(padded, encoder, depth=depth, shared=shared)
        logits = head(_plain_decoder(maps, decoder, batch_norm, dropout, gate), classes, 1, name="logits")
    else:
        maps = encode(padded, encoder, depth=depth)
        if name_of(encoder).startswith("VGG"):
            for number in (0, 1):
                channels = maps[-1].shape[-1]
                maps[-1] = convolved(maps[-1], channels, name=f"decoder-center-{number}", batch_norm=batch_norm)
        logits = head(_decoder(maps, decoder_channels, decoder, batch_norm, dropout, gate), classes)
    return keras.Model(image, crop_like(logits, image), name=name)


def _plain_decoder(maps, decoder, batch_norm, dropout, gate):
    """Mirror the plain encoder: every stage is as wide as the map that it is joined to."""
    *skips, features = maps
    for stage, skip in reversed(list(enumerate(skips))):
        channels, name = skip.shape[-1], f"decoder{stage}"
        skip = gate(skip, features, stage)
        if decoder == "transpose":
            features = layers.Conv2DTranspose(channels, 2, strides=2, name=f"{name}_up")(features)
        else:
            features = ConvolvedUpSampling2D(channels, name=f"{name}_up")(features)
        features = layers.Concatenate(name=f"{name}_join")([skip, features])
        features = double_convolution(features, channels, name=name, batch_norm=batch_norm, dropout=dropout)
    return features


def _decoder(maps, channels, decoder, batch_norm, dropout, gate):
    """Bring the deepest map up to the image's size; the map at stride 1 is not joined."""
    features = maps[-1]
    for block, stage in enumerate(reversed(range(len(channels)))):
        skips = [gate(maps[stage], features, stage)] if stage else []
        features = joined(
            features,
            skips,
            channels[block],
            name=f"decoder-blocks-{block}",
            decoder=decoder,
            batch_norm=batch_norm,
            dropout=dropout,
        )
    return features
