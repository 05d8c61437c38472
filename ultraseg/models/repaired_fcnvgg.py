"""RepairedFCNVGG: report 004's idea put right, a frozen VGG-16 and transposed convolutions back to the full size.

Source: report 004's FCNVGG, whose faults these are: one 435x435 kernel of which 0.09 % can meet data, a bottleneck of 3
channels, no non-linearity, and logits of half the size.
Departure: 3x3 in place of 435x435, a fifth doubling, batch norm and ReLU after every convolution, no bottleneck.
"""

import keras
from keras import layers

from ultraseg.layers import conv_norm_relu, crop_like, norm_relu, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of


def RepairedFCNVGG(input_shape, classes, *, weights: str | None = None, width=128):
    """Build the net.

    Args:
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output.
        weights: of the VGG-16: None draws them, `imagenet` fetches them, or the path of a file; with weights, pixels
            must be in [0, 1].
        width: channels that VGG-16's 512 are brought to, divisible by 16; each doubling after the first halves them,
            so that 128 ends with the report's own 64, 32, 16 and 8.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: the width is not divisible by 16, a side is smaller than 32, or the weights cannot be had or do not
            fit.
    """
    if width < 16 or width % 16:
        raise ValueError(f"RepairedFCNVGG: width must be divisible by 16 and at least 16, got {width}")
    image = image_of("RepairedFCNVGG", input_shape, classes)
    encoder = {"VGG16": {"weights": weights, "frozen": True}}
    features = encode(pad_to_stride(image, 32, who="RepairedFCNVGG"), encoder, depth=5)[-1]
    features = conv_norm_relu(features, width, name="conv5")
    for number in range(5):
        features = _doubled(features, width // 2**number, f"trans_conv{number + 1}")
    features = conv_norm_relu(features, width // 16, name="conv6")
    return keras.Model(image, crop_like(head(features, classes, name="conv7"), image), name="RepairedFCNVGG")


def _doubled(features, channels, name):
    features = layers.Conv2DTranspose(
        channels, 4, strides=2, padding="same", use_bias=False, kernel_initializer="he_uniform", name=f"{name}-0"
    )(features)
    return norm_relu(features, f"{name}-1", f"{name}-2")
