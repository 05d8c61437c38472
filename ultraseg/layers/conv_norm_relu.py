"""A convolution without bias, batch norm and ReLU: the unit that decoders are built of.

Source: the decoders of segmentation_models.pytorch: PyTorch's batch norm (momentum 0.1, which is Keras' 0.9, and
epsilon 1e-5) and kernels drawn from He's uniform distribution.
"""

from keras import layers


def conv_norm_relu(features, filters, size=3, *, name, dilation=1, separable=False, initializer="he_uniform"):
    """Convolve, normalize, rectify.

    Args:
        features: `[batch, height, width, channels]`.
        filters: channels of the output.
        size: side of the kernel, odd.
        name: prefix; the convolution is `name-0`, batch norm `name-1`. A separable one is `name-0-0` (each channel
            by itself) and `name-0-1` (1x1).
        dilation: distance between the kernel's taps.
        separable: a kernel for each channel, then a 1x1 convolution; no norm between.
        initializer: of the kernels, by Keras' name.

    Returns:
        `[batch, height, width, filters]`.
    """
    common = {"padding": "same", "use_bias": False}
    if separable:
        features = layers.DepthwiseConv2D(
            size, dilation_rate=dilation, depthwise_initializer=initializer, name=f"{name}-0-0", **common
        )(features)
        features = layers.Conv2D(filters, 1, kernel_initializer=initializer, name=f"{name}-0-1", **common)(features)
    else:
        features = layers.Conv2D(
            filters, size, dilation_rate=dilation, kernel_initializer=initializer, name=f"{name}-0", **common
        )(features)
    features = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}-1")(features)
    return layers.ReLU(name=f"{name}-2")(features)
