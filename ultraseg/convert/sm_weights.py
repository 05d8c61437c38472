"""Weights that segmentation-models wrote to an `.h5` file, read by layer into the model that we build of that package.

Source: the layout of Keras 2: attributes `layer_names` and, of each layer's group, `weight_names`, in pieces where they
are long; a file of a whole model holds the same in the group `model_weights`.
Departure: by name where the package goes by order, and all or none; what Keras numbered through is counted anew.
"""

from pathlib import Path

import h5py
import numpy as np

from ultraseg import catalogue, sm
from ultraseg.weight_file import UNREADABLE, first_line

SHOWN = 3


def sm_model(path, spec, *, shape=None, classes=None):
    """Build a model of segmentation-models and give it the weights in a file.

    Args:
        path: an `.h5` file that `save_weights` or `save` wrote.
        spec: the model, in the catalogue's grammar: `SMUnet`, `SMFPN`, `SMLinknet` or `SMPSPNet`.
        shape: `(height, width, channels)`; None takes any height and width, and the channels of the first layer.
        classes: channels of the output; None takes those of the last layer.

    Returns:
        The `keras.Model`.

    Raises:
        ValueError: the file is damaged, laid out otherwise or of another network, the model is none of the package, or
            weights of its backbone are asked for besides.
        OSError: there is no such file.
    """
    known = [name for name in catalogue.names("models") if name.startswith("SM")]
    name, options = catalogue.split("models", spec) if spec else (None, {})
    if name not in known:
        raise ValueError(
            f"{path}: an .h5 file is read into a model of segmentation-models; name it, as in "
            f"--model '{{SMUnet: {{backbone: resnet34}}}}'; there is: {', '.join(known)}"
        )
    if options.get("encoder_weights") is not None:
        raise ValueError(
            f"{name}: the backbone's weights, {options['encoder_weights']}, are asked for beside those of {path}; "
            "leave the option encoder_weights out"
        )
    arrays = read_sm(path)
    ends = [list(arrays.values())[place] for place in (0, -1)]
    first, last = (np.atleast_1d(next(iter(weights.values()))) for weights in ends)
    if shape is None:
        shape = (None, None, first.shape[-2 if first.ndim == 4 else -1])
    model = catalogue.bind("models", spec)(tuple(shape), last.shape[-1] if classes is None else classes)
    load_sm(model, arrays)
    return model


def read_sm(path):
    """Read the weights in a file of Keras 2's layout.

    Args:
        path: the file.

    Returns:
        `{layer: {weight: array}}` in the file's order, layers without weights left out; weights are called `kernel`,
        `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`.

    Raises:
        ValueError: the file is damaged or laid out otherwise.
        OSError: there is no such file.
    """
    path = Path(path)
    path.open("rb").close()
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            if not _names(root, "layer_names"):
                raise KeyError("it has no attribute layer_names")
            arrays = {layer: _weights(root[layer]) for layer in _names(root, "layer_names")}
    except UNREADABLE as fault:
        raise ValueError(
            f"{path}: the file is damaged, cut short or not laid out as Keras 2 writes weights ({first_line(fault)})"
        ) from None
    arrays = {layer: weights for layer, weights in arrays.items() if weights}
    if not arrays:
        raise ValueError(f"{path}: holds no weights")
    names = sm.renumbered(list(arrays))
    return {names[layer]: weights for layer, weights in arrays.items()}


def load_sm(model, arrays):
    """Give a model weights by the names of its layers: all of its own, or none when one does not fit.

    Args:
        model: a `keras.Model` that a builder of segmentation-models' architectures made.
        arrays: `{layer: {weight: array}}`, as `read_sm` gives it.

    Raises:
        ValueError: a weight is missing, superfluous, of another shape or not of finite real numbers. The model is as it
            was.
    """
    wanted = {f"{layer.name}/{_plain(weight.name)}": weight for layer in model.layers for weight in layer.weights}
    given = {f"{layer}/{name}": array for layer, weights in arrays.items() for name, array in weights.items()}
    both = [name for name in wanted if name in given]
    faults = {
        "missing": [name for name in wanted if name not in given],
        "superfluous": [name for name in given if name not in wanted],
        "of another shape": [
            f"{name} {list(given[name].shape)} where {list(wanted[name].shape)} is wanted"
            for name in both
            if given[name].shape != tuple(wanted[name].shape)
        ],
        "not of finite real numbers": [
            name for name in both if given[name].dtype.kind != "f" or not np.isfinite(given[name]).all()
        ],
    }
    told = "; ".join(f"{len(names)} {what} ({_some(names)})" for what, names in faults.items() if names)
    if told:
        raise ValueError(f"{model.name}: the weights do not fit, none is taken: {told}")
    for name, variable in wanted.items():
        variable.assign(given[name])


def _names(group, attribute):
    """A list of names, which Keras cuts into numbered attributes where it is longer than HDF5 allows."""
    pieces = [group.attrs[attribute]] if attribute in group.attrs else []
    while f"{attribute}{len(pieces)}" in group.attrs:
        pieces.append(group.attrs[f"{attribute}{len(pieces)}"])
    return [name.decode() if isinstance(name, bytes) else str(name) for piece in pieces for name in piece]


def _weights(group):
    return {
        _plain(name.split("/")[-1].split(":")[0]): np.asarray(group[name]) for name in _names(group, "weight_names")
    }


def _plain(weight):
    """A weight's name without its layer's kind: Keras 2 has a depthwise kernel where Keras 3 has a kernel."""
    return weight.removeprefix("depthwise_")


def _some(names):
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
