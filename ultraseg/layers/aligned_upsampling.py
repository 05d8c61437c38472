"""Bilinear upsampling whose corners stay where they are, as PyTorch's `align_corners=True`.

Source: torch.nn.functional.interpolate; Keras' UpSampling2D and image.resize know half-pixel centres alone.
Departure: two matrix products in place of gathering, so that the gradient is two matrix products too.
"""

import keras
from keras import layers, ops

from ultraseg.layers._rows_and_columns import hats, mixed


@keras.saving.register_keras_serializable(package="ultraseg")
class AlignedUpSampling2D(layers.Layer):
    """Enlarge `[batch, height, width, channels]` to `[batch, factor height, factor width, channels]`."""

    def __init__(self, factor, **kwargs):
        """Make the layer.

        Args:
            factor: how many times higher and wider, at least 1.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: the factor is less than 1.
        """
        if factor < 1:
            raise ValueError(f"AlignedUpSampling2D: factor must be at least 1, got {factor}")
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        """Enlarge rows, then columns."""
        return mixed(inputs, *(hats(side, side * self.factor, inputs.dtype) for side in ops.shape(inputs)[1:3]))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        batch, *sides, channels = input_shape
        return (batch, *(side and side * self.factor for side in sides), channels)

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "factor": self.factor}
