"""UpSampling2D by two and the 2x2 convolution behind it, as one layer that computes at the small size.

Source: the up-convolution of Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597), read as nearest neighbour and
convolution; the sub-pixel view of it is Shi et al., 2016 (arXiv:1609.05158).
Departure: none in the function. Nearest-neighbour rows and columns repeat, so that the four pixels which grow from
one see only 1, 2, 2 and 4 different inputs: kernels of 1x1, 1x2, 2x1 and 2x2 at the small size take 9/16 of the
multiplications of a 2x2 kernel at the large one.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class ConvolvedUpSampling2D(layers.UpSampling2D):
    """Double height and width by nearest neighbour, then convolve with a 2x2 kernel, padding `same`.

    `[batch, height, width, channels]` to `[batch, 2 height, 2 width, filters]`. The weights and their meaning are
    those of `UpSampling2D(2)` followed by `Conv2D(filters, 2, padding="same")`.
    """

    def __init__(self, filters, **kwargs):
        """Make the layer.

        Args:
            filters: channels of the output, at least 1.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: `filters` is less than 1.
        """
        if filters < 1:
            raise ValueError(f"ConvolvedUpSampling2D: filters must be at least 1, got {filters}")
        super().__init__(2, data_format="channels_last", interpolation="nearest", **kwargs)
        self.filters = filters

    def build(self, input_shape):
        """Make the kernel, `[2, 2, channels, filters]`, and the bias."""
        self.kernel = self.add_weight(
            name="kernel", shape=(2, 2, input_shape[-1], self.filters), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        self.built = True

    def call(self, inputs):
        """Convolve four times and weave the answers into one another."""
        kernel = self.kernel
        over_both, over_rows, over_columns = (ops.sum(kernel, axis, keepdims=True) for axis in ((0, 1), 0, 1))
        even = [ops.conv(inputs, part, padding="same") for part in (over_both, over_rows)]
        odd = [ops.conv(inputs, part, padding="same") for part in (over_columns, kernel)]
        _, height, width, _ = ops.shape(inputs)
        rows = ops.stack([ops.stack(even, axis=3), ops.stack(odd, axis=3)], axis=2)
        return ops.reshape(rows, (-1, 2 * height, 2 * width, self.filters)) + self.bias

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return (*super().compute_output_shape(input_shape)[:-1], self.filters)

    def get_config(self):
        """What `from_config` needs."""
        config = super().get_config()
        return {key: config[key] for key in config if key not in ("size", "data_format", "interpolation")} | {
            "filters": self.filters
        }
