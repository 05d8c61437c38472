"""A convolution without bias, batch norm and ReLU: the unit that decoders are built of.

Source: the decoders of segmentation_models.pytorch, whose kernels are drawn from He's uniform distribution.
"""

from ultraseg.layers._direct_convolution import DirectConv2D
from ultraseg.layers._norm import norm_relu


def conv_norm_relu(features, filters, size=3, *, name, initializer="he_uniform"):
    """Convolve, normalize, rectify.

    Args:
        features: `[batch, height, width, channels]`.
        filters: channels of the output.
        size: side of the kernel, odd.
        name: prefix; the convolution is `name-0`, batch norm `name-1`, ReLU `name-2`.
        initializer: of the kernels, by Keras' name.

    Returns:
        `[batch, height, width, filters]`.
    """
    features = DirectConv2D(
        filters, size, padding="same", use_bias=False, kernel_initializer=initializer, name=f"{name}-0"
    )(features)
    return norm_relu(features, f"{name}-1", f"{name}-2")
