"""Models for weights: what a state dict says of the network that it is of, and what it does not say of pixels."""

import keras

from ultraseg import catalogue
from ultraseg.convert._encoders import FIRST
from ultraseg.layers import ChannelAffine

HEAD = "segmentation_head.0.weight"


def build(spec, arrays, *, shape=None, classes=None):
    """Build the model that weights are for.

    Args:
        spec: the model, in the catalogue's grammar.
        arrays: `{name: array}` under smp's names.
        shape: `(height, width, channels)`; None takes any height and width, and the channels of the first kernel.
        classes: channels of the output; None takes those of the last kernel.

    Returns:
        A `keras.Model` with weights drawn at random.

    Raises:
        ValueError: the weights do not say how many channels or classes there are, or the model cannot be built.
    """
    builder = catalogue.bind("models", spec)
    if shape is None:
        shape = (None, None, _side(arrays, FIRST.values(), 1, "channels the image has", "--shape"))
    if classes is None:
        classes = _side(arrays, [HEAD], 0, "classes there are", "--classes")
    return builder(tuple(shape), classes)


def preprocesses(model):
    """Tell whether a model changes pixels before its network sees them, which no state dict says.

    Args:
        model: a `keras.Model`.

    Returns:
        True for a model around another one, as trials keep, and for an encoder with weights of its own.
    """
    return any(isinstance(layer, keras.Model | ChannelAffine) for layer in model.layers)


def _side(arrays, names, axis, what, option):
    kernel = next((arrays[name] for name in names if name in arrays), None)
    if kernel is None or kernel.ndim != 4:
        raise ValueError(
            f"convert: the weights hold no kernel {' or '.join(names)} to tell how many {what}; give {option}"
        )
    return kernel.shape[axis]
