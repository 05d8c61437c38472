"""Two 3x3 convolutions, each with a ReLU: the block that every stage of a U-Net is made of.

Source: Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597).
"""

from keras import layers

from ultraseg.layers._norm import norm_relu


def double_convolution(
    features, width, *, name, padding="same", initializer="he_normal", batch_norm=False, dropout=0.0
):
    """Two 3x3 convolutions.

    Args:
        features: `[batch, height, width, channels]`.
        width: channels of both convolutions, or a pair of them.
        name: prefix of the layers' names.
        padding: `same` keeps height and width, `valid` takes 4 pixels off each.
        initializer: of the kernels, by Keras' name; biases start at 0.
        batch_norm: normalize between convolution and ReLU; the convolutions then have no bias.
        dropout: share of whole channels dropped between the two, in [0, 1).

    Returns:
        `[batch, height', width', width]`.
    """
    pair = width if isinstance(width, tuple) else (width, width)
    for index, channels in enumerate(pair, start=1):
        prefix = f"{name}_conv{index}"
        features = layers.Conv2D(
            channels,
            3,
            padding=padding,
            use_bias=not batch_norm,
            activation=None if batch_norm else "relu",
            kernel_initializer=initializer,
            name=prefix,
        )(features)
        if batch_norm:
            features = norm_relu(features, f"{prefix}_norm", f"{prefix}_relu")
        if dropout and index == 1:
            features = layers.SpatialDropout2D(dropout, name=f"{prefix}_drop")(features)
    return features
