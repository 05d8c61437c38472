"""The mean over a grid of bins that cover a map of any size, as PyTorch's adaptive average pooling.

Source: torch.nn.AdaptiveAvgPool2d: bin i of n covers the rows from floor(i height / n) to ceil((i + 1) height / n), so
that bins overlap where n does not divide the height, and repeat rows where there are fewer rows than bins.
Departure: two matrix products; a side may be unknown until the layer runs, which Keras' own layer does not allow.
"""

import keras
from keras import layers, ops

from ultraseg.layers._rows_and_columns import mixed


@keras.saving.register_keras_serializable(package="ultraseg")
class AdaptivePooling2D(layers.Layer):
    """Average `[batch, height, width, channels]` over bins, `[batch, bins, bins, channels]`."""

    def __init__(self, bins, **kwargs):
        """Make the layer.

        Args:
            bins: how many rows and columns of bins, at least 1.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: there is no bin.
        """
        if bins < 1:
            raise ValueError(f"AdaptivePooling2D: bins must be at least 1, got {bins}")
        super().__init__(**kwargs)
        self.bins = bins

    def call(self, inputs):
        """Average over rows, then columns."""
        return mixed(inputs, *(self._shares(side, inputs.dtype) for side in ops.shape(inputs)[1:3]))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return (input_shape[0], self.bins, self.bins, input_shape[-1])

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "bins": self.bins}

    def _shares(self, side, dtype):
        """What each row gives to each bin's mean, `[bins, side]`."""
        bins, rows = (ops.arange(count, dtype="int32") for count in (self.bins, side))
        bins, rows = bins[:, None], rows[None]
        start, end = bins * side // self.bins, -(-(bins + 1) * side // self.bins)
        inside = ops.logical_and(rows >= start, rows < end)
        exact = "float64" if dtype == "float64" else "float32"
        return ops.cast(ops.cast(inside, exact) / ops.cast(end - start, exact), dtype)
