"""A scale and an offset for each channel: the pixels that pretrained weights expect, made inside the network.

Source: none; it is the preprocessing of a published network (mean and standard deviation, order of the colours).
Departure: Keras' Rescaling does not reorder channels and Normalization wants a mean and a variance.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class ChannelAffine(layers.Layer):
    """Turn `[..., channels]` into `scale[c] * input[..., order[c]] + offset[c]`, without weights."""

    def __init__(self, scale, offset, order=None, **kwargs):
        """Make the layer.

        Args:
            scale: a factor per channel of the output.
            offset: what is added to each channel of the output.
            order: the channel of the input that each channel of the output is made of; None keeps them.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: the three are not equally long.
        """
        self.order = list(range(len(scale))) if order is None else [int(channel) for channel in order]
        if not len(scale) == len(offset) == len(self.order):
            raise ValueError(
                "ChannelAffine: scale, offset and order must be equally long, "
                f"got {len(scale)}, {len(offset)} and {len(self.order)} numbers"
            )
        super().__init__(**kwargs)
        self.scale = [float(number) for number in scale]
        self.offset = [float(number) for number in offset]

    def call(self, inputs):
        """Reorder, scale, add."""
        if self.order != list(range(inputs.shape[-1])):
            inputs = ops.take(inputs, self.order, axis=-1)
        scale, offset = (ops.convert_to_tensor(numbers, inputs.dtype) for numbers in (self.scale, self.offset))
        return inputs * scale + offset

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return (*input_shape[:-1], len(self.scale))

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "scale": self.scale, "offset": self.offset, "order": self.order}
