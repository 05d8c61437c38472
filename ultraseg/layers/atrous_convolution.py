"""Convolutions of 3x3 taps that stand far apart: whole ones, and of each channel by itself.

Source: Chen et al., 2017 (arXiv:1706.05587), section 3.1.
Departure: none in the function. TensorFlow cuts a map into rate squared small ones and surrounds each with zeros, which
at a rate of 24 on 32x32 pixels costs a hundred times the multiplications that meet the map. Here a kernel is nine 1x1
ones, each on the part of the map that it reaches; and of a kernel by channel only rows and columns that reach the map
are taken.
"""

import keras
from keras import layers, ops

SIZE = 3
EXACT = ("float32", "float64")


@keras.saving.register_keras_serializable(package="ultraseg")
class AtrousConv2D(layers.Conv2D):
    """Convolve `[batch, height, width, channels]` to `[batch, height, width, filters]`.

    The weights and their meaning are those of `Conv2D(filters, 3, padding="same", dilation_rate=rate)`.
    """

    def __init__(self, filters, rate, **kwargs):
        """Make the layer.

        Args:
            filters: channels of the output, at least 1.
            rate: distance between the kernel's taps, at least 1.
            kwargs: those of Keras' Conv2D that are about weights and activation, and of every layer, such as `name`.

        Raises:
            ValueError: the rate is less than 1.
        """
        _check("AtrousConv2D", rate)
        super().__init__(
            filters, SIZE, padding="same", dilation_rate=rate, data_format="channels_last", groups=1, **kwargs
        )
        self.rate = rate

    def call(self, inputs):
        """Convolve row by row of the kernel, and each row tap by tap.

        In half precision Keras' own way, for the nine products would be rounded before they are added.
        """
        if keras.backend.standardize_dtype(inputs.dtype) not in EXACT:
            return super().call(inputs)
        kernel = [ops.unstack(row) for row in ops.unstack(ops.convert_to_tensor(self.kernel))]
        outputs = _spread(inputs, kernel, self.rate, 1, self._row)
        if self.use_bias:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self):
        """What `from_config` needs."""
        return {**_shortened(super().get_config()), "filters": self.filters, "rate": self.rate}

    def _row(self, features, row):
        return _spread(features, row, self.rate, 2, lambda part, tap: ops.tensordot(part, tap, 1))


@keras.saving.register_keras_serializable(package="ultraseg")
class AtrousDepthwiseConv2D(layers.DepthwiseConv2D):
    """Convolve each channel of `[batch, height, width, channels]` by a kernel of its own.

    The weights and their meaning are those of `DepthwiseConv2D(3, padding="same", dilation_rate=rate)`.
    """

    def __init__(self, rate, **kwargs):
        """Make the layer.

        Args:
            rate: distance between the kernel's taps, at least 1.
            kwargs: those of Keras' DepthwiseConv2D that are about weights and activation, and of every layer, such as
                `name`.

        Raises:
            ValueError: the rate is less than 1.
        """
        _check("AtrousDepthwiseConv2D", rate)
        super().__init__(SIZE, padding="same", dilation_rate=rate, data_format="channels_last", **kwargs)
        self.rate = rate

    def call(self, inputs):
        """Convolve with what reaches the map; sides that are not known yet may be of any size."""
        beyond = [side is not None and side <= self.rate for side in inputs.shape[1:3]]
        rows, columns = (slice(1, 2) if alone else slice(None) for alone in beyond)
        outputs = ops.depthwise_conv(
            inputs,
            self.kernel[rows, columns],
            padding="same",
            dilation_rate=tuple(1 if alone else self.rate for alone in beyond),
        )
        if self.use_bias:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self):
        """What `from_config` needs."""
        return {**_shortened(super().get_config()), "rate": self.rate}


def _spread(features, kernel, rate, axis, convolve):
    """Sum what three parts of a kernel make of a map, the first and the last moved by the rate along an axis."""
    side = features.shape[axis]
    centre = convolve(features, kernel[1])
    if side is not None and side <= rate:
        return centre
    gap = ops.zeros_like(_cut(centre, axis, None, rate))
    before = convolve(_cut(features, axis, None, -rate), kernel[0])
    after = convolve(_cut(features, axis, rate, None), kernel[2])
    return centre + ops.concatenate([gap, before], axis) + ops.concatenate([after, gap], axis)


def _cut(features, axis, start, stop):
    return features[(slice(None),) * axis + (slice(start, stop),)]


def _check(who, rate):
    if rate < 1:
        raise ValueError(f"{who}: rate must be at least 1, got {rate}")


def _shortened(config):
    decided = ("kernel_size", "padding", "dilation_rate", "data_format", "groups")
    return {key: value for key, value in config.items() if key not in decided}
