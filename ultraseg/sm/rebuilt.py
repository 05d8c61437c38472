"""A network of the package run anew on an image, in layers that every process knows which never imports the package.

Source: segmentation-models 1.0.1.
Departure: Lambdas that widen, slice and scale, the package's own Dropout and its own `swish` become Keras' layers, the
same functions; layers that Keras numbers through have the numbers that they have in a fresh process.
"""

import re

import keras
from keras import layers

UNNAMED = (
    "activation", "add", "average_pooling2d", "batch_normalization", "concatenate", "conv2d",
    "global_average_pooling2d", "lambda", "max_pooling2d", "multiply", "zero_padding2d",
)  # fmt: skip
"""Kinds of layers that the package leaves to Keras to name, by counting."""
COUNTED = re.compile(rf"({'|'.join(UNNAMED)})(?:_(\d+))?")


def rebuilt(model, image, ends, *, prefix="", instead=None, learnt=False):
    """Run a network anew, of weights of its own.

    Args:
        model: a network of the package, whose layers each run once.
        image: a Keras tensor, what it runs on; channels may be more or fewer than the network's.
        ends: the network's Keras tensors that are wanted; layers behind them are not built.
        prefix: of the layers' names.
        instead: `{layer: function}` for layers that are not simply run again: from the layer, one like it of weights of
            its own that is not built yet, and what that would be run on, to what is taken for its output.
        learnt: copy the network's weights; otherwise they are drawn again.

    Returns:
        The tensors that correspond to the ends.
    """
    cut = keras.Model(model.input, ends)
    names = renumbered([layer.name for layer in model.layers])
    made = {id(model.input): image}
    for layer in cut.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        several = isinstance(layer.input, list)
        inputs = [made[id(tensor)] for tensor in layer.input] if several else made[id(layer.input)]
        name = prefix + names[layer.name]
        if isinstance(layer, layers.Lambda):
            features = PLAIN[layer.function.__name__](layer, inputs, name)
        elif layer in (instead or {}):
            features = instead[layer](layer, _twin(layer, name), inputs)
        else:
            twin = _twin(layer, name)
            features = twin(inputs)
            if learnt:
                twin.set_weights(layer.get_weights())
        made[id(layer.output)] = features
    return [made[id(end)] for end in ends]


def renumbered(names):
    """Count layers that Keras numbered through anew, from 0, whatever was built before them in the same process.

    Args:
        names: of a network's layers.

    Returns:
        `{name: new name}`, in the order given; a name that its author chose stays.
    """
    counted = {}
    for name in names:
        if found := COUNTED.fullmatch(name):
            counted.setdefault(found[1], []).append((int(found[2] or 0), name))
    new = {name: name for name in names}
    for kind, numbers in counted.items():
        for rank, (_, name) in enumerate(sorted(numbers)):
            new[name] = f"{kind}_{rank}" if rank else kind
    return new


def _twin(layer, name):
    """A layer like another, of weights of its own, not built yet; of Keras' own making."""
    config = {**layer.get_config(), "name": name}
    if getattr(getattr(layer, "activation", None), "__name__", "") == "swish":
        config["activation"] = "silu"
    kind = layers.Dropout if type(layer).__name__ == "FixedDropout" else type(layer)
    return kind.from_config(config)


def _widened(layer, features, name):
    return layers.Reshape((1, 1, features.shape[-1]), name=name)(features)


def _sliced(layer, features, name):
    return features[:, :, :, layer.arguments["start"] : layer.arguments["stop"]]


def _scaled_sum(layer, inputs, name):
    features, change = inputs
    change = layers.Rescaling(layer.arguments["scale"], name=f"{name}_scale")(change)
    return layers.Add(name=name)([features, change])


PLAIN = {"expand_dims": _widened, "slice_tensor": _sliced, "<lambda>": _scaled_sum}
