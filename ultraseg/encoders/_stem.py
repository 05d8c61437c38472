"""The first convolution of an encoder: kernels learnt on three colours, for any number of channels.

Source: the rule of segmentation_models.pytorch: for one channel the three slices of the kernel are added, for other
numbers they are repeated in turn and scaled by 3 / channels.
Departure: what the weights expect of pixels is part of the network, which takes pixels in [0, 1]. For one channel its
scale goes into the kernel and its offset into the kernel's response to a constant image, which is exact at borders.
"""

import numpy as np
from keras import activations, layers

from ultraseg.layers import ChannelAffine, ConstantResponse

# What weights expect: for each channel of the kernel its colour (0 red, 1 green, 2 blue), the scale of a pixel in
# [0, 1] and the offset.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TORCH = (
    (0, 1, 2),
    tuple(1 / deviation for deviation in DEVIATION),
    tuple(-mean / deviation for mean, deviation in zip(MEAN, DEVIATION, strict=True)),
)
CAFFE = ((2, 1, 0), (255.0, 255.0, 255.0), (-103.939, -116.779, -123.68))
SIGNED = ((0, 1, 2), (2.0, 2.0, 2.0), (-1.0, -1.0, -1.0))
UNIT = ((0, 1, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


def stem(image, convolution, *, border=0, kernel=None, pixels=TORCH):
    """Run the first convolution of an encoder, of random or of learnt weights.

    Args:
        image: `[batch, height, width, channels]`; pixels in [0, 1] where a kernel is given.
        convolution: a Keras `Conv2D` that is not built yet. Its activation, if any, comes after all that is added here.
        border: zeros put around the image before the convolution: a number, or `((top, bottom), (left, right))`.
        kernel: learnt on three channels, `[height, width, 3, filters]`; None keeps the convolution's initializer, and
            then nothing is done to the pixels. A bias is left to the caller: `convolution.bias.assign`.
        pixels: what the kernel expects, such as `TORCH`.

    Returns:
        `[batch, height', width', filters]`.
    """
    channels, name, activation = image.shape[-1], convolution.name, convolution.activation
    features = image
    learnt = kernel is not None
    if learnt and channels > 1:
        colours, scale, offset = _repeated(pixels, channels)
        features = ChannelAffine(scale, offset, colours, name=f"{name}_pixels")(features)
    if border:
        features = layers.ZeroPadding2D(border, name=f"{name}_border")(features)
    if not learnt:
        return convolution(features)
    convolution.activation = activations.linear
    features = convolution(features)
    kernel, constant = folded(kernel, channels, pixels)
    convolution.kernel.assign(kernel)
    if channels == 1:
        response = ConstantResponse(
            convolution.kernel_size, convolution.strides, convolution.padding, border, name=f"{name}_constant"
        )
        features = response([features, image])
        response.kernel.assign(constant)
    if activation is activations.linear:
        return features
    return layers.Activation(activation, name=f"{name}_activation")(features)


def folded(kernel, channels, pixels):
    """Turn a kernel of three channels into one of any number.

    Args:
        kernel: `[height, width, 3, filters]`.
        channels: of the image, at least 1.
        pixels: what the kernel expects.

    Returns:
        `(kernel, constant)`: `[height, width, channels, filters]` and, for one channel, what the expected offset adds
        where the kernel meets ones, `[height, width, 1, filters]`; None for other numbers.
    """
    exact = np.asarray(kernel, np.float64)
    colours, scale, offset = (np.asarray(numbers, np.float64) for numbers in pixels)
    if channels == 1:
        return tuple((exact * numbers[:, None]).sum(axis=2, keepdims=True) for numbers in (scale, offset))
    if channels == 3:
        return exact, None
    slices = np.argsort(colours)[np.arange(channels) % 3]
    return exact[:, :, slices] * (3 / channels), None


def _repeated(pixels, channels):
    """What a kernel for that many channels expects: as given for three, otherwise red, green and blue in turn."""
    if channels == 3:
        return pixels
    slices = np.argsort(pixels[0])[np.arange(channels) % 3]
    return range(channels), [pixels[1][each] for each in slices], [pixels[2][each] for each in slices]
