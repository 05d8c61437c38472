"""Bilinear resizing to another map's height and width whose corners stay, as PyTorch's `align_corners=True`.

Source: torch.nn.functional.interpolate with a size.
Departure: two matrix products in place of gathering, so that the gradient is two matrix products too.
"""

import keras
from keras import layers, ops

from ultraseg.layers._rows_and_columns import hats, mixed


@keras.saving.register_keras_serializable(package="ultraseg")
class AlignedResizing2D(layers.Layer):
    """Resize the first of two maps, `[batch, height, width, channels]`, to the height and width of the second."""

    def call(self, inputs):
        """Resize rows, then columns."""
        features, reference = inputs
        old, new = ops.shape(features)[1:3], ops.shape(reference)[1:3]
        return mixed(features, *(hats(*sides, features.dtype) for sides in zip(old, new, strict=True)))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        (batch, _, _, channels), (_, height, width, _) = input_shape
        return (batch, height, width, channels)
