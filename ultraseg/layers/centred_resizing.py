"""Bilinear resizing to another map's height and width, pixels seen as areas, as Keras' UpSampling2D enlarges.

Source: tf.image.resize: pixel i's centre lies at i + 1/2, and a map is constant beyond the outermost centres.
Departure: two matrix products; UpSampling2D wants a factor that is known when the network is built.
"""

import keras
from keras import layers, ops

from ultraseg.layers._rows_and_columns import mixed


@keras.saving.register_keras_serializable(package="ultraseg")
class CentredResizing2D(layers.Layer):
    """Resize the first of two maps, `[batch, height, width, channels]`, to the height and width of the second."""

    def call(self, inputs):
        """Resize rows, then columns."""
        features, reference = inputs
        old, new = ops.shape(features)[1:3], ops.shape(reference)[1:3]
        return mixed(features, *(_hats(*sides, features.dtype) for sides in zip(old, new, strict=True)))

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        (batch, _, _, channels), (_, height, width, _) = input_shape
        return (batch, height, width, channels)


def _hats(old, new, dtype):
    """What each old place gives to each new one, `[new, old]`."""
    exact = "float64" if dtype == "float64" else "float32"
    step = ops.cast(old, exact) / ops.cast(new, exact)
    places = (ops.cast(ops.arange(new), exact) + 0.5) * step - 0.5
    places = ops.minimum(ops.maximum(places, 0), ops.cast(old - 1, exact))
    distances = ops.abs(places[:, None] - ops.cast(ops.arange(old), exact)[None])
    return ops.cast(ops.maximum(1 - distances, 0), dtype)
