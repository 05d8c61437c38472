"""Images of any height and width: reflected at the lower and right border up to the stride, cropped in the end.

Source: `BORDER_REFLECT_101` of OpenCV, which repeats inwards as often as a side is too short for.
Departure: none.
"""

import keras
from keras import layers, ops


def pad_to_stride(image, stride, *, who="model"):
    """Reflect an image up to the next multiple of a stride.

    Args:
        image: a Keras tensor, `[batch, height, width, channels]`; a side may be None.
        stride: what both sides must be divisible by, at least 1.
        who: the model, for the message.

    Returns:
        The image itself where its sides are known to fit, otherwise `[batch, height', width', channels]`.

    Raises:
        ValueError: a known side is smaller than the stride, so that most of it would be reflections. A side that is
            None takes any number of pixels from one on, reflected as often as that needs.
    """
    sides = image.shape[1:3]
    for side in sides:
        if side is not None and side < stride:
            raise ValueError(f"{who}: an image must be at least {stride} pixels high and wide, got {side}")
    if all(side is not None and side % stride == 0 for side in sides):
        return image
    return PadToStride(stride, name="pad_to_stride")(image)


def crop_like(features, image):
    """Cut a map that grew from a padded image back to the image's height and width.

    Args:
        features: `[batch, height', width', channels]`, at least as large as the image.
        image: `[batch, height, width, channels]`.

    Returns:
        `[batch, height, width, channels]`; the features themselves where they are known to be as large.
    """
    if None not in features.shape[1:3] and features.shape[1:3] == image.shape[1:3]:
        return features
    return CropLike(dtype=features.dtype, name="crop_like")([features, image])


@keras.saving.register_keras_serializable(package="ultraseg")
class PadToStride(layers.Layer):
    """Reflect the lower and right border until both sides are divisible by a stride."""

    def __init__(self, stride, **kwargs):
        """Make the layer.

        Args:
            stride: what both sides will be divisible by, at least 1.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: the stride is less than 1.
        """
        if stride < 1:
            raise ValueError(f"PadToStride: stride must be at least 1, got {stride}")
        super().__init__(**kwargs)
        self.stride = stride

    def call(self, inputs):
        """Pick the rows and columns.

        Raises:
            ValueError: the image is known to be empty.
        """
        if 0 in inputs.shape[1:3]:
            raise ValueError(f"PadToStride: an image must be at least 1 pixel high and wide, got {inputs.shape[1:3]}")
        for axis in (1, 2):
            side = ops.shape(inputs)[axis]
            period = ops.cast(ops.maximum(2 * (side - 1), 1), "int32")  # under float64 Keras takes 64 bits here
            steps = ops.arange(-(-side // self.stride) * self.stride, dtype="int32") % period
            inputs = ops.take(inputs, ops.minimum(steps, period - steps), axis=axis)
        return inputs

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        batch, *sides, channels = input_shape
        return (batch, *(side and -(-side // self.stride) * self.stride for side in sides), channels)

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "stride": self.stride}


@keras.saving.register_keras_serializable(package="ultraseg")
class CropLike(layers.Layer):
    """Cut the first of two maps at its lower and right border to the height and width of the second."""

    def call(self, inputs):
        """Cut."""
        features, image = inputs
        _, height, width, _ = ops.shape(image)
        return features[:, :height, :width]

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        (batch, _, _, channels), (_, height, width, _) = input_shape
        return (batch, height, width, channels)
