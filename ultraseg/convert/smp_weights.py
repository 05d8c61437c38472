"""A model's weights as segmentation_models.pytorch loads them strictly: every one that its own model has, and no other.

Source: segmentation_models.pytorch 0.6.0, whose encoders hold all their stages, however deep a network looks into them,
and whose U-Net++ holds a centre on VGGs that never runs.
Departure: what never runs there is not built here, and is drawn at random by torchvision's rule.
"""

import keras
import numpy as np

from ultraseg import catalogue
from ultraseg.convert._architectures import ARCHITECTURES
from ultraseg.convert._encoders import (
    ENCODERS,
    center_shapes,
    encoder_shapes,
    idle,
    refuse_without_counterpart,
)
from ultraseg.layers import AdaptivePooling2D, ConstantResponse, PositionAttention

BINS = [1, 2, 3, 6]
DILATED = ("DeepLabV3", "DeepLabV3Plus")


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
    inside = list(_inside(model))
    if any(isinstance(layer, ConstantResponse) for layer in inside):
        raise ValueError(
            f"{model.name}: its encoder's preprocessing of grey pixels is folded into the first kernel and into what "
            "that kernel answers at the image's border, which a model of smp cannot hold exactly; convert one that was "
            "built on three channels, or without weights"
        )
    for layer in inside:
        if isinstance(layer, PositionAttention) and layer.layout != "published":
            raise ValueError(f"{model.name}: smp knows no attention_layout but published, got {layer.layout}")
    pooled = sorted((layer for layer in inside if isinstance(layer, AdaptivePooling2D)), key=lambda layer: layer.name)
    bins = [layer.bins for layer in pooled]
    if bins and bins != BINS:
        raise ValueError(f"{model.name}: smp knows no sizes but {BINS}, got {bins}")
    return ARCHITECTURES[model.name][0]


def smp_weights(model, arrays, spec=None):
    """Complete a model's weights by those that smp's model holds besides and never runs.

    Args:
        model: as `counterpart` takes it.
        arrays: its weights, as `state_dict` gives them.
        spec: what the model was built as, in the catalogue's grammar, by which the encoder is known whose other stages
            are drawn; None where the model has them all.

    Returns:
        `(whole, drawn)`: `{name: array}` of all that smp's model holds, and the names of those drawn at random.

    Raises:
        ValueError: smp has no such model, the model is not what the spec says, or smp's holds more than the model does
            and no spec says of which encoder.
    """
    counterpart(model)
    held = {name: array.shape for name, array in arrays.items() if name.startswith("encoder.")}
    [channels, *_] = [shape[1] for shape in held.values() if len(shape) == 4] or [0]
    encoder, *others = _encoders(model.name, held, channels, spec)
    whole = encoder_shapes(encoder, channels) | center_shapes(arrays)
    drawn = [name for name in whole if name not in arrays]
    if drawn and spec is None:
        raise ValueError(
            f"{model.name}: smp holds all stages of an encoder, those that never run too, and the model does not, such "
            f"as {drawn[0]}; name the encoder, {' or '.join([encoder, *others])}, as in "
            f"--model '{{{model.name}: {{encoder: {encoder}}}}}', and they are drawn at random"
        )
    generator = np.random.default_rng(0)
    return arrays | {name: _drawn(generator, name, whole[name]) for name in drawn}, drawn


def _encoders(who, held, channels, spec):
    """The encoders that a model's entries are of: the one that is asked for, or all that share its stages."""
    known = ENCODERS if spec is None else [_asked(who, spec)]
    faults = {name: _fault(held, encoder_shapes(name, channels)) for name in known}
    fits = [name for name, fault in faults.items() if fault is None]
    if not fits:
        first = next(iter(faults))
        if spec is not None:
            raise ValueError(f"{who}: is on another encoder than {first}, as {faults[first]} shows")
        raise ValueError(
            f"{who}: its encoder has no counterpart in segmentation_models.pytorch, as {faults[first]} shows; these "
            f"have: {', '.join(ENCODERS)}"
        )
    if who in DILATED and fits[0].startswith("VGG"):
        raise ValueError(f"{who}: smp builds none on {fits[0]}, since its VGGs cannot be dilated")
    return fits


def _fault(held, whole):
    """The first name by which a model's entries are not those of a whole encoder without its last stages, or None."""
    behind = set(idle(whole, held))
    wanted = {name: shape for name, shape in whole.items() if name not in behind}
    return next((name for name in (*held, *wanted) if held.get(name) != wanted.get(name)), None)


def _asked(who, spec):
    """The encoder that a spec names."""
    [(name, options)] = catalogue.resolve("models", spec).items()
    if name != who:
        raise ValueError(f"{who}: is the model, and {name} is asked for")
    encoder, _ = catalogue.split("encoders", options["encoder"])
    refuse_without_counterpart(name, encoder)
    return encoder


def _drawn(generator, name, shape):
    """An array as torchvision draws it: He's normal distribution by outputs, norms that change nothing."""
    if not shape:
        return np.zeros((), np.int64)
    if len(shape) == 1:
        return np.full(shape, float(name.endswith(("running_var", ".weight"))), np.float32)
    deviation = (2 / (shape[0] * np.prod(shape[2:]))) ** 0.5
    return (deviation * generator.standard_normal(shape, np.float32)).astype(np.float32)


def _inside(model):
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _inside(layer)
