"""The step up of U-Net's kin: double a map's sides, join what the encoder has there, convolve twice."""

from keras import layers

from ultraseg.layers import conv_norm_relu


def joined(features, skips, channels, *, name):
    """Bring features one stage up.

    Args:
        features: `[batch, height, width, before]`.
        skips: maps joined behind them, `[batch, 2 height, 2 width, ...]`; none is fine.
        channels: of the output.
        name: prefix of the layers' names.

    Returns:
        `[batch, 2 height, 2 width, channels]`.
    """
    features = layers.UpSampling2D(2, name=f"{name}-up")(features)
    if skips:
        features = layers.Concatenate(name=f"{name}-join")([features, *skips])
    return twice(features, channels, name=name)


def twice(features, channels, *, name):
    """Convolve, normalize and rectify, two times.

    Args:
        features: `[batch, height, width, before]`.
        channels: of the output.
        name: prefix of the layers' names.

    Returns:
        `[batch, height, width, channels]`.
    """
    for number in (1, 2):
        features = conv_norm_relu(features, channels, name=f"{name}-conv{number}")
    return features
