"""DeepLabV3: the deepest map, kept fine by dilation, seen with taps at several distances and as a whole.

Source: Chen, Papandreou, Schroff, Adam, 2017 (arXiv:1706.05587), as segmentation_models.pytorch builds it.
Departure: kernels of the decoder are drawn as for that package's other decoders (He's uniform distribution), where it
leaves this one at PyTorch's draw.
"""

import keras
from keras import layers

from ultraseg.layers import crop_like, norm_relu, pad_to_stride
from ultraseg.models._aspp import aspp
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of, several, share, whole


def DeepLabV3(
    input_shape,
    classes,
    *,
    encoder="ResNet34",
    depth=5,
    output_stride=8,
    decoder_channels=256,
    atrous_rates=(12, 24, 36),
    separable=False,
    dropout=0.5,
):
    """Build a DeepLabV3.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that the deepest map's stride does not
            divide are reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps; one that can dilate.
        depth: number of the deepest map, 3 to 5.
        output_stride: the encoder's last stride, 8 or 16; deeper stages are dilated.
        decoder_channels: channels of every map in the decoder.
        atrous_rates: three distances between the taps of the pyramid's kernels, in pixels of the deepest map.
        separable: the pyramid's kernels are one per channel, then 1x1.
        dropout: share of numbers dropped behind the pyramid, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown or cannot dilate.
    """
    one_of("DeepLabV3", "depth", depth, (3, 4, 5))
    one_of("DeepLabV3", "output_stride", output_stride, (8, 16))
    whole("DeepLabV3", "decoder_channels", decoder_channels)
    several("DeepLabV3", "atrous_rates", atrous_rates, 3)
    share("DeepLabV3", "dropout", dropout)
    image = image_of("DeepLabV3", input_shape, classes)
    stride = min(2**depth, output_stride)
    deepest = encode(pad_to_stride(image, stride, who="DeepLabV3"), encoder, depth=depth, output_stride=stride)[-1]
    features = aspp(deepest, decoder_channels, atrous_rates, separable=separable, dropout=dropout, name="decoder-aspp")
    features = layers.Conv2D(
        decoder_channels, 3, padding="same", use_bias=False, kernel_initializer="he_uniform", name="decoder-conv"
    )(features)
    logits = head(norm_relu(features, "decoder-bn", "decoder-relu"), classes, 1, upsampling=stride)
    return keras.Model(image, crop_like(logits, image), name="DeepLabV3")
