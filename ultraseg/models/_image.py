"""The input of a model, checked."""

import keras


def image_of(name, input_shape, classes):
    """Make the input of a model.

    Args:
        name: the model's.
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output.

    Returns:
        A Keras tensor, `[batch, height, width, channels]`.

    Raises:
        ValueError: the shape or the number of classes is wrong.
    """
    if len(input_shape) != 3:
        raise ValueError(f"{name}: input_shape must be (height, width, channels), got {tuple(input_shape)}")
    for side in input_shape[:2]:
        if side is not None and side < 1:
            raise ValueError(f"{name}: sides must be at least 1, got {side}")
    if not input_shape[2] or input_shape[2] < 1:
        raise ValueError(f"{name}: channels must be at least 1, got {input_shape[2]}")
    if classes < 1:
        raise ValueError(f"{name}: classes must be at least 1, got {classes}")
    return keras.Input(input_shape, name="image")
