"""Models for weights, and whole sets of weights for models: what one side has and the other cannot say.

Source: segmentation_models.pytorch 0.6.0.
Departure: none.
"""

import keras

from ultraseg import catalogue
from ultraseg.convert._architectures import ARCHITECTURES
from ultraseg.layers import ChannelAffine, PositionAttention

FIRST, LAST_STAGE, HEAD = "encoder.conv1.weight", "encoder.layer4.", "segmentation_head.0.weight"


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
        shape = (None, None, _side(arrays, FIRST, 1, "channels the image has", "--shape"))
    if classes is None:
        classes = _side(arrays, HEAD, 0, "classes there are", "--classes")
    return builder(tuple(shape), classes)


def counterpart(model):
    """Name the class of smp that computes the same function as a model of ours.

    Args:
        model: a `keras.Model` that a builder made, or one around it that has its name.

    Returns:
        The name, such as `Unet`.

    Raises:
        ValueError: there is none.
    """
    if model.name not in ARCHITECTURES:
        raise ValueError(f"{model.name}: not an architecture of smp; these are: {', '.join(ARCHITECTURES)}")
    for layer in _inside(model):
        if isinstance(layer, PositionAttention) and layer.layout != "published":
            raise ValueError(f"{model.name}: smp knows no attention_layout but published, got {layer.layout}")
    return ARCHITECTURES[model.name][0]


def preprocesses(model):
    """Tell whether a model changes pixels before its network sees them, which no state dict says.

    Args:
        model: a `keras.Model`.

    Returns:
        True for a model around another one, as trials keep, and for an encoder with weights of its own.
    """
    return any(isinstance(layer, keras.Model | ChannelAffine) for layer in model.layers)


def whole_encoder(spec, channels):
    """Build all stages of a model's encoder, which smp holds also where the model does not reach down to the last.

    Args:
        spec: the model, in the catalogue's grammar.
        channels: of the image.

    Returns:
        A `keras.Model` from an image to the deepest map, with weights drawn at random.

    Raises:
        ValueError: the model or its encoder is unknown.
    """
    [options] = catalogue.resolve("models", spec).values()
    name, _ = catalogue.split("encoders", options["encoder"])
    image = keras.Input((None, None, channels), name="image")
    return keras.Model(image, catalogue.bind("encoders", name)(image)[-1], name=name)


def completed(arrays, others=None):
    """Add the weights of encoder stages that a model does not have, since it never runs them, and smp does.

    Args:
        arrays: the model's, `{name: array}`.
        others: those of its whole encoder, of which none is taken that the model has too; None has nothing to add.

    Returns:
        Both together.

    Raises:
        ValueError: stages are lacking and not given, or given of another encoder.
    """
    if others is None:
        if FIRST in arrays and not any(name.startswith(LAST_STAGE) for name in arrays):
            raise ValueError(
                "convert: smp holds all four stages of an encoder, those that never run too, and the model does not; "
                "name it, as in --model '{PSPNet: {encoder: ResNet34}}', and they are drawn at random"
            )
        return arrays
    encoder = {name: array.shape for name, array in arrays.items() if name.startswith("encoder.")}
    strange = [name for name, shape in encoder.items() if name not in others or others[name].shape != shape]
    if strange:
        raise ValueError(f"convert: the model is on another encoder than the one named, as its {strange[0]} shows")
    return others | arrays


def _side(arrays, name, axis, what, option):
    kernel = arrays.get(name)
    if kernel is None or kernel.ndim != 4:
        raise ValueError(f"convert: the weights hold no kernel {name} to tell how many {what}; give {option}")
    return kernel.shape[axis]


def _inside(model):
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _inside(layer)
