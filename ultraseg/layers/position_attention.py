"""Position-wise attention: every place of a map becomes a weighted sum of all places.

Source: the PAB of MA-Net, Fan et al., 2020 (doi:10.1109/ACCESS.2020.3025372), as segmentation_models.pytorch runs it:
one softmax over all pairs of places, and a product, places by channels, that is then read as channels by places.
Departure: that last reading scrambles space and channels; the layout `spatial` puts every place back where it was.
The softmax is computed in float32 at least: among N places a weight is near 1 / N^2, too small for half precision.
"""

import keras
from keras import layers, ops

LAYOUTS = ("published", "spatial")


@keras.saving.register_keras_serializable(package="ultraseg")
class PositionAttention(layers.Layer):
    """Mix the places of the third of three maps by how the places of the other two agree.

    `[batch, height, width, keys]` twice and `[batch, height, width, channels]` to the shape of the last.
    """

    def __init__(self, layout="published", **kwargs):
        """Make the layer.

        Args:
            layout: `published` reads the mixed places as channels, `spatial` as places.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: there is no such layout.
        """
        if layout not in LAYOUTS:
            raise ValueError(f"PositionAttention: layout must be one of {', '.join(LAYOUTS)}, got {layout!r}")
        super().__init__(**kwargs)
        self.layout = layout

    def call(self, inputs):
        """Compare the centre with the top, and mix the bottom."""
        _, height, width, channels = ops.shape(inputs[2])
        places = height * width
        exact = keras.backend.result_type(inputs[2].dtype, "float32")
        top, centre, bottom = (ops.cast(ops.reshape(each, (-1, places, each.shape[-1])), exact) for each in inputs)
        agreement = ops.reshape(ops.matmul(centre, ops.transpose(top, (0, 2, 1))), (-1, places * places))
        # a softmax; Keras' own warns of a map of one place
        weights = ops.exp(agreement - ops.logsumexp(agreement, axis=-1, keepdims=True))
        mixed = ops.cast(ops.matmul(ops.reshape(weights, (-1, places, places)), bottom), self.compute_dtype)
        if self.layout == "spatial":
            return ops.reshape(mixed, (-1, height, width, channels))
        return ops.transpose(ops.reshape(mixed, (-1, channels, height, width)), (0, 2, 3, 1))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return input_shape[2]

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "layout": self.layout}
