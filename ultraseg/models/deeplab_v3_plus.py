"""DeepLabV3+: DeepLabV3's pyramid of separable kernels, and a decoder that joins the fine map at stride 4.

Source: Chen, Zhu, Papandreou, Schroff, Adam, 2018 (arXiv:1802.02611), as segmentation_models.pytorch builds it.
Departure: kernels of the decoder are drawn as for that package's other decoders (He's uniform distribution), where it
leaves this one at PyTorch's draw.
"""

import keras
from keras import layers

from ultraseg.layers import AlignedUpSampling2D, conv_norm_relu, crop_like, norm_relu, pad_to_stride
from ultraseg.models._aspp import aspp, separable_convolution
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of, several, share, whole

FINE = 2
"""The number of the fine map that is joined, at stride 4."""
FINE_CHANNELS = 48


def DeepLabV3Plus(
    input_shape,
    classes,
    *,
    encoder="ResNet34",
    depth=5,
    output_stride=16,
    decoder_channels=256,
    atrous_rates=(12, 24, 36),
    separable=True,
    dropout=0.5,
):
    """Build a DeepLabV3+.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that the deepest map's stride does not
            divide are reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps; one that can dilate.
        depth: number of the deepest map, 3 to 5.
        output_stride: the encoder's last stride, 8 or 16; deeper stages are dilated.
        decoder_channels: channels of every map in the decoder but the fine one, which has 48.
        atrous_rates: three distances between the taps of the pyramid's kernels, in pixels of the deepest map.
        separable: the pyramid's kernels are one per channel, then 1x1; those behind it are in any case.
        dropout: share of numbers dropped behind the pyramid, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown or cannot dilate.
    """
    one_of("DeepLabV3Plus", "depth", depth, (3, 4, 5))
    one_of("DeepLabV3Plus", "output_stride", output_stride, (8, 16))
    whole("DeepLabV3Plus", "decoder_channels", decoder_channels)
    several("DeepLabV3Plus", "atrous_rates", atrous_rates, 3)
    share("DeepLabV3Plus", "dropout", dropout)
    image = image_of("DeepLabV3Plus", input_shape, classes)
    stride = min(2**depth, output_stride)
    maps = encode(pad_to_stride(image, stride, who="DeepLabV3Plus"), encoder, depth=depth, output_stride=stride)
    features = aspp(
        maps[-1], decoder_channels, atrous_rates, separable=separable, dropout=dropout, name="decoder-aspp-0"
    )
    features = separable_convolution(features, decoder_channels, "decoder-aspp-1")
    features = norm_relu(features, "decoder-aspp-2", "decoder-aspp-3")
    features = AlignedUpSampling2D(stride // 2**FINE, name="decoder-up")(features)
    fine = conv_norm_relu(maps[FINE], FINE_CHANNELS, 1, name="decoder-block1")
    features = layers.Concatenate(name="decoder-join")([features, fine])
    features = separable_convolution(features, decoder_channels, "decoder-block2-0")
    features = norm_relu(features, "decoder-block2-1", "decoder-block2-2")
    logits = head(features, classes, 1, upsampling=2**FINE)
    return keras.Model(image, crop_like(logits, image), name="DeepLabV3Plus")
