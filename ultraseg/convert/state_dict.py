"""The weights of a Keras model under the names and in the layouts that segmentation_models.pytorch gives them.

Source: segmentation_models.pytorch 0.6.0 for the names: a layer here is called as its module there, with `-` for `.`;
PyTorch's documentation for the layouts: `[out, in, height, width]` for a convolution, `[in, out, height, width]` for
a transposed one, `[channels, 1, height, width]` for one channel by itself, `[out, in]` for a dense one.
Departure: `num_batches_tracked`, which only PyTorch has, is written as 0 and not read; weights of encoder stages
and of U-Net++'s centre, which smp holds and never runs, are read only into a model that holds them too.
"""

import keras
import numpy as np
from keras import layers

from ultraseg.convert._encoders import idle
from ultraseg.layers import IdleStages, UpsampledConv2D

COUNTER = "num_batches_tracked"
NORM = {"weight": ("gamma", (0,)), "bias": ("beta", (0,))}
STATISTICS = {"running_mean": ("moving_mean", (0,)), "running_var": ("moving_variance", (0,))}
BIAS = {"bias": ("bias", (0,))}
# For each kind of layer what PyTorch calls its weights, what Keras calls them, and the axes of Keras' array in the
# order of PyTorch's.
LAYOUTS = {
    layers.DepthwiseConv2D: {"weight": ("kernel", (2, 3, 0, 1)), **BIAS},
    layers.Conv2D: {"weight": ("kernel", (3, 2, 0, 1)), **BIAS},
    UpsampledConv2D: {"weight": ("kernel", (3, 2, 0, 1)), **BIAS},
    layers.Conv2DTranspose: {"weight": ("kernel", (3, 2, 0, 1)), **BIAS},
    layers.Dense: {"weight": ("kernel", (1, 0)), **BIAS},
    layers.BatchNormalization: {**NORM, **STATISTICS},
    layers.GroupNormalization: NORM,
}
OURS_ALONE = "-up"
"""What the names of upsampling layers end in, which have no weights in smp."""
SHOWN = 3


def state_dict(model):
    """Read a model's weights out.

    Args:
        model: a Keras model of an architecture that smp has too, or a model around one.

    Returns:
        `{name: array}` in the order of the layers, as `torch.nn.Module.state_dict` would give it for the same
        network; the arrays are copies.

    Raises:
        ValueError: a layer with weights has no counterpart there.
    """
    arrays = {}
    for name, (variable, axes) in _weights(model).items():
        if variable is None:
            arrays[name] = np.zeros((), np.int64)
        else:
            arrays[name] = np.array(keras.ops.convert_to_numpy(variable).transpose(axes), order="C")
    return arrays


def load_state_dict(model, arrays):
    """Give a model the weights of a state dict: all of its own, or none when one does not fit.

    Args:
        model: a Keras model of an architecture that smp has too, or a model around one.
        arrays: `{name: array}` under the names that `state_dict` gives; counters of batches are passed over.

    Returns:
        Names that were passed over: weights of encoder stages behind the model's depth, and of U-Net++'s centre on a
        VGG, which smp's checkpoints hold although they never run.

    Raises:
        ValueError: a weight is missing, superfluous, not of finite real numbers or of another shape, or a layer with
            weights has no counterpart in smp. The model is as it was.
    """
    wanted = {name: place for name, place in _weights(model).items() if place[0] is not None}
    given = {name: np.asarray(array) for name, array in arrays.items() if name.rpartition(".")[2] != COUNTER}
    over = idle(given, wanted)
    shapes = {name: tuple(variable.shape[axis] for axis in axes) for name, (variable, axes) in wanted.items()}
    other = [
        f"{name} {_shape(given[name].shape)} where {_shape(shape)} is wanted"
        for name, shape in shapes.items()
        if name in given and given[name].shape != shape
    ]
    faults = [
        _counted("missing", [name for name in wanted if name not in given]),
        _counted("superfluous", [name for name in given if name not in wanted and name not in over]),
        _counted("of another shape", other),
        _counted("not of finite real numbers", [name for name in wanted if name in given and _strange(given[name])]),
    ]
    if any(faults):
        raise ValueError(f"{model.name}: the weights do not fit, none is taken: {'; '.join(filter(None, faults))}")
    for name, (variable, axes) in wanted.items():
        variable.assign(given[name].transpose(np.argsort(axes)))
    return over


def _weights(model):
    """Where each entry of the state dict lives: `{name: (variable, axes)}`; a counter has no variable."""
    places, foreign = {}, []
    for layer in _leaves(model):
        kind = next((kind for kind in LAYOUTS if isinstance(layer, kind)), None)
        if kind is None or "-" not in layer.name or layer.name.endswith(OURS_ALONE):
            foreign.append(f"{layer.name} ({type(layer).__name__})")
            continue
        path = layer.name.replace("-", ".")
        if f"{path}.weight" in places:
            raise ValueError(
                f"{model.name}: two of its layers are called {layer.name}, so that a name means two weights"
            )
        for entry, (attribute, axes) in LAYOUTS[kind].items():
            variable = getattr(layer, attribute)
            if variable is not None:
                places[f"{path}.{entry}"] = (variable, axes)
        if kind is layers.BatchNormalization:
            places[f"{path}.{COUNTER}"] = (None, ())
    if foreign:
        raise ValueError(
            f"{model.name}: not an architecture of smp: {_counted('layers without a counterpart', foreign)}"
        )
    return places


def _leaves(model):
    """The layers with weights, of nested models and of stages that never run too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        elif isinstance(layer, IdleStages):
            yield from _leaves(layer.stages)
        elif layer.weights:
            yield layer


def _strange(array):
    return array.dtype.kind != "f" or not np.isfinite(array).all()


def _counted(what, names):
    """How many there are, and the first of them; nothing where there is none."""
    more = ", ..." if len(names) > SHOWN else ""
    return f"{len(names)} {what} ({', '.join(names[:SHOWN])}{more})" if names else ""


def _shape(sides):
    return "x".join(map(str, sides)) or "a number"
