"""A convolution whose kernel is larger than the map that it is given, at the cost of the part that meets the map.

Source: report 004's convolution of 435x435 on maps of 7x7, of whose kernel 13x13 can meet data. Drawn as its listing
draws it: the kernel from He's normal distribution, the bias as PyTorch does.
Departure: the rest of the kernel is held and not computed with; on zeros alone it gives zero, and so does its gradient.
"""

import keras
from keras import initializers, layers, ops

SLAB = 29
"""Rows of a slab: 15 of them are 435."""


@keras.saving.register_keras_serializable(package="ultraseg")
class WideConvolution2D(layers.Layer):
    """A convolution with zeros around it whose kernel may reach far beyond the map: `[batch, height, width, filters]`.

    The weights and what they mean are those of `Conv2D(filters, size, padding="same")`, but for the kernel being held
    in slabs of 29 rows: what draws, loads or updates it makes temporaries of a slab's size and not of the whole's.
    """

    def __init__(self, filters, size, **kwargs):
        """Make the layer.

        Args:
            filters: channels of the output.
            size: side of the kernel, odd.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: a number is less than 1, or the side is even.
        """
        if min(filters, size) < 1 or size % 2 == 0:
            raise ValueError(
                f"WideConvolution2D: filters must be at least 1 and size odd and at least 1, got {filters} and {size}"
            )
        super().__init__(**kwargs)
        self.filters = filters
        self.size = size

    def build(self, input_shape):
        """Make the kernel, slabs of `[29, size, channels, filters]` and a lower last one, and the bias."""
        area = (self.size, input_shape[-1], self.filters)
        fan_in = self.size * self.size * input_shape[-1]
        self.slabs = [
            self.add_weight(
                name=f"kernel{top}",
                shape=(min(SLAB, self.size - top), *area),
                initializer=initializers.RandomNormal(stddev=(2 / fan_in) ** 0.5),
            )
            for top in range(0, self.size, SLAB)
        ]
        bound = fan_in**-0.5
        self.bias = self.add_weight(
            name="bias", shape=(self.filters,), initializer=initializers.RandomUniform(-bound, bound)
        )

    def call(self, inputs):
        """Convolve with the window of the kernel that can meet the map."""
        middle = self.size // 2
        rows, columns = (_within(side - 1, 0, middle) for side in ops.shape(inputs)[1:3])
        window = []
        for number, slab in enumerate(self.slabs):
            top = middle - number * SLAB
            first, last = (_within(row, 0, slab.shape[0]) for row in (top - rows, top + rows + 1))
            window.append(slab[first:last, middle - columns : middle + columns + 1])
        kernel = ops.cast(ops.concatenate(window), inputs.dtype)
        return ops.conv(inputs, kernel, padding="same", data_format="channels_last") + ops.cast(self.bias, inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "filters": self.filters, "size": self.size}


def _within(number, low, high):
    """Clip a number, which is a tensor where the map's sides are not known before it comes."""
    if isinstance(number, int):
        return min(max(number, low), high)
    return ops.minimum(ops.maximum(number, low), high)
