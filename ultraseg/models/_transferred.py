"""The unit that report 002's decoders are built of, and the map that they begin at.

Source: the common Keras networks on encoders of keras.applications, which report 002's are taken to be: Keras' own
batch norm (momentum 0.99, epsilon 1e-3) and its own draw of kernels (Glorot's uniform distribution).
"""

from keras import layers

from ultraseg.layers import AtrousConv2D, FusedBatchNormalization

DEPTH = 4
"""The number of the deepest map that is used, at stride 16; what the encoder has behind it is not built."""


def unit(features, channels, size=3, *, name, rate=1, use_bias=False):
    """Convolve, normalize, rectify.

    Args:
        features: `[batch, height, width, before]`.
        channels: of the output.
        size: side of the kernel, odd; 3 where there is a rate.
        name: prefix of the layers' names.
        rate: distance between the kernel's taps.
        use_bias: add a number per channel, which the norm takes away again.

    Returns:
        `[batch, height, width, channels]`.
    """
    if rate > 1:
        features = AtrousConv2D(channels, rate, use_bias=use_bias, name=name)(features)
    else:
        features = layers.Conv2D(channels, size, padding="same", use_bias=use_bias, name=name)(features)
    features = FusedBatchNormalization(name=f"{name}_norm")(features)
    return layers.ReLU(name=f"{name}_relu")(features)
