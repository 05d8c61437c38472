"""What a convolution answers to a constant image, added to its output: an offset of the pixels, folded exactly.

Source: convolution is linear, so W * (a x + b) = (a W) * x + (b W) * 1; the last term is constant inside the image
and smaller where the kernel reaches beyond the border into zeros.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class ConstantResponse(layers.Layer):
    """Add the response of a kernel that never trains to an image of ones: `[features, image]` to features."""

    def __init__(self, kernel_size, strides=1, padding="valid", border=0, **kwargs):
        """Make the layer; its kernel, `[height, width, 1, filters]`, is zero until it is assigned.

        Args:
            kernel_size: of the convolution that made the features: a side, or height and width.
            strides: of the convolution: a number, or two.
            padding: of the convolution, `valid` or `same`.
            border: zeros put around the image before the convolution: a number, or `((top, bottom), (left, right))`.
            kwargs: those of every Keras layer, such as `name`.
        """
        super().__init__(**kwargs)
        self.kernel_size = _pair(kernel_size)
        self.strides = _pair(strides)
        self.padding = padding
        self.border = tuple(_pair(side) for side in _pair(border))

    def build(self, input_shape):
        """Make the kernel."""
        shape = (*self.kernel_size, 1, input_shape[0][-1])
        self.kernel = self.add_weight(shape, initializer="zeros", trainable=False, name="kernel")

    def call(self, inputs):
        """Add the response, which is one for all images of a batch."""
        features, image = inputs
        ones = ops.ones_like(image[:1, :, :, :1])
        ones = ops.pad(ones, [(0, 0), *self.border, (0, 0)])
        return features + ops.conv(ones, self.kernel, self.strides, self.padding, "channels_last")

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return tuple(input_shape[0])

    def get_config(self):
        """What `from_config` needs."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "border": self.border,
        }


def _pair(value):
    return tuple(value) if isinstance(value, list | tuple) else (value, value)
