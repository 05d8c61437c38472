"""MA-Net: a U-Net whose deepest map attends to all its places and whose skips are weighed by channel.

Source: Fan et al., 2020 (doi:10.1109/ACCESS.2020.3025372), as segmentation_models.pytorch builds it.
Departure: by the option `attention_layout`, the attention's result is put back in its places. Gates are multiplied
before the nearest neighbour repeats pixels instead of after: the same function at a quarter of the size.
"""

import keras
from keras import layers

from ultraseg.layers import AtrousConv2D, PositionAttention, conv_norm_relu, crop_like, norm_relu, pad_to_stride
from ultraseg.layers.position_attention import LAYOUTS
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._joined import joined
from ultraseg.models._options import one_of, several, whole

REDUCTION = 16
MANY = 2048


def MAnet(
    input_shape,
    classes,
    *,
    encoder="ResNet34",
    depth=5,
    decoder_channels=(256, 128, 64, 32, 16),
    pab_channels=64,
    attention_layout="published",
):
    """Build an MA-Net.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        depth: how many times the encoder halves the image, 2 to 5.
        decoder_channels: channels of the decoder's blocks, coarsest first, one for each halving.
        pab_channels: channels in which the attention compares places.
        attention_layout: `published` reads the attention's places by channels as channels by places, which scrambles
            both; `spatial` leaves every place where it is. The weights are the same.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    one_of("MAnet", "depth", depth, (2, 3, 4, 5))
    several("MAnet", "decoder_channels", decoder_channels, depth)
    whole("MAnet", "pab_channels", pab_channels)
    one_of("MAnet", "attention_layout", attention_layout, LAYOUTS)
    image = image_of("MAnet", input_shape, classes)
    features, *skips = encode(pad_to_stride(image, 2**depth, who="MAnet"), encoder, depth=depth)[:0:-1]
    features = _attention(features, pab_channels, attention_layout)
    for block, (skip, channels) in enumerate(zip(skips, decoder_channels, strict=False)):
        features = _fusion(features, skip, channels, f"decoder-blocks-{block}")
    features = joined(features, [], decoder_channels[-1], name=f"decoder-blocks-{depth - 1}")
    return keras.Model(image, crop_like(head(features, classes), image), name="MAnet")


def _attention(features, keys, layout):
    """The position-wise attention block: what places say of each other is added to the map."""
    channels, name = features.shape[-1], "decoder-center"
    top, centre = (_convolution(features, keys, f"{name}-{part}_conv") for part in ("top", "center"))
    bottom = _wide(features, channels, f"{name}-bottom_conv")
    attended = PositionAttention(layout, name=f"{name}-attention")([top, centre, bottom])
    return _wide(layers.Add(name=f"{name}-add")([features, attended]), channels, f"{name}-out_conv")


def _fusion(features, skip, channels, name):
    """The multi-scale fusion attention block: both maps say how much each channel of the coarse one counts."""
    width = skip.shape[-1]
    features = _wide(features, features.shape[-1], f"{name}-hl_conv-0-0", use_bias=False)
    features = norm_relu(features, f"{name}-hl_conv-0-1", f"{name}-hl_conv-0-2")
    features = conv_norm_relu(features, width, 1, name=f"{name}-hl_conv-1")
    gates = [_gate(features, f"{name}-SE_hl"), _gate(skip, f"{name}-SE_ll")]
    gate = layers.Add(name=f"{name}-gate")(gates)
    features = layers.Multiply(name=f"{name}-weigh")([features, gate])
    return joined(features, [skip], channels, name=name)


def _gate(features, name):
    """Squeeze and excitation: a number in (0, 1) for each channel, `[batch, 1, 1, channels]`."""
    width = features.shape[-1]
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}-0")(features)
    gate = layers.ReLU(name=f"{name}-2")(_convolution(gate, max(1, width // REDUCTION), f"{name}-1"))
    return layers.Activation("sigmoid", name=f"{name}-4")(_convolution(gate, width, f"{name}-3"))


def _convolution(features, channels, name):
    return layers.Conv2D(channels, 1, kernel_initializer="he_uniform", name=name)(features)


def _wide(features, channels, name, **options):
    """A 3x3 convolution; of very many channels on a small map as nine products, which take 0.6 of the time."""
    if channels < MANY:
        convolution = layers.Conv2D(channels, 3, padding="same", kernel_initializer="he_uniform", name=name, **options)
    else:
        convolution = AtrousConv2D(channels, 1, kernel_initializer="he_uniform", name=name, **options)
    return convolution(features)
