"""Max-pooling by two that any map survives: a side of one stays one.

Source: torch.nn.MaxPool2d(2), which drops an odd last row.
Departure: PyTorch refuses a side of one, of which nothing would be left.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class HalvingPooling2D(layers.Layer):
    """Maximum of 2x2 pixels: `[batch, height, width, channels]` to half its sides, rounded down, at least 1."""

    def call(self, inputs):
        """Pool, then drop the window that an odd side would leave half empty."""
        # 1 // side is 1 for a side of one and 0 for others, of a number and of a tensor
        height, width = ((side + 1 // side) // 2 for side in ops.shape(inputs)[1:3])
        return ops.max_pool(inputs, 2, 2, padding="same")[:, :height, :width]

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        batch, *sides, channels = input_shape
        return (batch, *(side and max(side // 2, 1) for side in sides), channels)
