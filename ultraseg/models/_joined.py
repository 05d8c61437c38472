"""The step up of U-Net's kin: double a map's sides, join what the encoder has there, convolve twice."""

from keras import layers

from ultraseg.layers import UpsampledConv2D, norm_relu


def joined(features, skips, channels, *, name, decoder="upsample", batch_norm=True, dropout=0.0):
    """Bring features one stage up.

    Args:
        features: `[batch, height, width, before]`.
        skips: maps joined behind them, `[batch, 2 height, 2 width, ...]`; none is fine.
        channels: of the output.
        name: prefix of the layers' names.
        decoder: `upsample` doubles by the nearest neighbour, `transpose` by a transposed convolution to `channels`.
        batch_norm: normalize after each convolution; else it has a bias.
        dropout: share of channels dropped between the convolutions.

    Returns:
        `[batch, 2 height, 2 width, channels]`.
    """
    first, second = f"{name}-conv1", f"{name}-conv2"
    if decoder == "transpose":
        features = layers.Conv2DTranspose(channels, 2, strides=2, name=f"{name}-up")(features)
        if skips:
            features = layers.Concatenate(name=f"{name}-join")([features, *skips])
        features = convolved(features, channels, name=first, batch_norm=batch_norm)
    else:
        convolution = UpsampledConv2D(channels, **_drawn(first, batch_norm))
        features = _rectified(convolution, [features, *skips], first, batch_norm)
    if dropout:
        features = layers.SpatialDropout2D(dropout, name=f"{name}-drop")(features)
    return convolved(features, channels, name=second, batch_norm=batch_norm)


def convolved(features, channels, *, name, batch_norm):
    """Convolve by 3x3, normalize if that is asked for, rectify.

    Args:
        features: `[batch, height, width, before]`.
        channels: of the output.
        name: prefix of the layers' names.
        batch_norm: normalize after the convolution; else it has a bias.

    Returns:
        `[batch, height, width, channels]`.
    """
    convolution = layers.Conv2D(channels, 3, padding="same", **_drawn(name, batch_norm))
    return _rectified(convolution, features, name, batch_norm)


def _drawn(name, batch_norm):
    return {"use_bias": not batch_norm, "kernel_initializer": "he_uniform", "name": f"{name}-0"}


def _rectified(convolution, features, name, batch_norm):
    if batch_norm:
        return norm_relu(convolution(features), f"{name}-1", f"{name}-2")
    return layers.ReLU(name=f"{name}-2")(convolution(features))
