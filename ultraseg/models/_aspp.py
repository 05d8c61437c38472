"""Atrous spatial pyramid pooling: one map seen with taps at several distances, and as a whole.

Source: Chen et al., 2017 (arXiv:1706.05587), figure 5, and 2018 (arXiv:1802.02611) for the separable form, as
segmentation_models.pytorch builds them.
"""

from keras import initializers, layers

from ultraseg.layers import (
    AlignedResizing2D,
    AtrousConv2D,
    AtrousDepthwiseConv2D,
    DirectConv2D,
    conv_norm_relu,
    norm_relu,
)


def aspp(features, channels, rates, *, separable, dropout, name):
    """Look at a map in several ways and join what is seen.

    Args:
        features: `[batch, height, width, before]`.
        channels: of every branch and of the output.
        rates: distances between the taps of the atrous branches.
        separable: an atrous kernel for each channel, then a 1x1 convolution.
        dropout: share of numbers dropped in the end, in [0, 1).
        name: prefix of the layers' names.

    Returns:
        `[batch, height, width, channels]`.
    """
    branches = [conv_norm_relu(features, channels, 1, name=f"{name}-convs-0")]
    for number, rate in enumerate(rates, start=1):
        branches.append(_atrous(features, channels, rate, separable, f"{name}-convs-{number}"))
    branches.append(_whole(features, channels, f"{name}-convs-{len(branches)}"))
    features = layers.Concatenate(name=f"{name}-join")(branches)
    features = conv_norm_relu(features, channels, 1, name=f"{name}-project")
    return layers.Dropout(dropout, name=f"{name}-project-3")(features) if dropout else features


def separable_convolution(features, channels, name, *, rate=1):
    """Convolve each channel by a kernel of its own, then all of them at each place.

    The first kernels are drawn from He's uniform distribution for the nine numbers that each one sums; Keras by
    itself would count those of all channels.

    Args:
        features: `[batch, height, width, before]`.
        channels: of the output.
        name: prefix of the two layers' names.
        rate: distance between the first kernels' taps.

    Returns:
        `[batch, height, width, channels]`.
    """
    bound = (6 / 9) ** 0.5
    features = AtrousDepthwiseConv2D(
        rate, use_bias=False, depthwise_initializer=initializers.RandomUniform(-bound, bound), name=f"{name}-0"
    )(features)
    return DirectConv2D(channels, 1, use_bias=False, kernel_initializer="he_uniform", name=f"{name}-1")(features)


def _atrous(features, channels, rate, separable, name):
    if separable:
        features = separable_convolution(features, channels, f"{name}-0", rate=rate)
    else:
        features = AtrousConv2D(channels, rate, use_bias=False, kernel_initializer="he_uniform", name=f"{name}-0")(
            features
        )
    return norm_relu(features, f"{name}-1", f"{name}-2")


def _whole(features, channels, name):
    """The mean of the map, narrowed, and the same at every place."""
    mean = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}-0")(features)
    mean = layers.Conv2D(channels, 1, use_bias=False, kernel_initializer="he_uniform", name=f"{name}-1")(mean)
    mean = norm_relu(mean, f"{name}-2", f"{name}-3")
    return AlignedResizing2D(name=f"{name}-everywhere")([mean, features])
