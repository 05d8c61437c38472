"""A convolution that takes the shorter way where TensorFlow's own is a long one: the same function, sooner.

Source: Keras' Conv2D. On TensorFlow two things are computed otherwise: the gradient of a 1x1 kernel, which is one
matrix product; and a dilated kernel, for which Keras has TensorFlow cut the map into rate squared small ones, so that
batch norm cannot be fused with it.
"""

import keras
from keras import layers

from ultraseg import kernels

LEAST = 32
"""Channels in and out from which the product is the shorter way."""


@keras.saving.register_keras_serializable(package="ultraseg")
class DirectConv2D(layers.Conv2D):
    """Keras' Conv2D over `[batch, height, width, channels]`, every argument as there."""

    def convolution_op(self, inputs, kernel):
        """Convolve, without bias and activation."""
        plain = self.groups == 1 and self.strides == (1, 1) and self.data_format == "channels_last"
        if not plain or keras.backend.backend() != "tensorflow":
            return super().convolution_op(inputs, kernel)
        if self.kernel_size == (1, 1) and min(kernel.shape[2:]) >= LEAST:
            return kernels.convolve_pixels(inputs, kernel)
        if max(self.dilation_rate) > 1 and self.padding == "same":
            return kernels.convolve_dilated(inputs, kernel, self.dilation_rate)
        return super().convolution_op(inputs, kernel)
