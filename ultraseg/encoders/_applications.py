"""Networks of keras.applications as encoders: their steps read off, and taken anew with an image of any channels.

Source: keras.applications of Keras 3.
Departure: with weights, what they expect of pixels is part of the network; a convolution of as many groups as channels
is built as Keras' depthwise one, the same function, which on a CPU need not wait for XLA and is several times faster.
"""

import functools
import random
from typing import Any, NamedTuple

import keras
from keras import layers

from ultraseg.encoders._freeze import freeze
from ultraseg.encoders._keras_weights import load
from ultraseg.encoders._stem import stem
from ultraseg.weight_file import weight_file


def application(
    image, who, network, taps, source, pixels, *, depth, weights, frozen, frozen_until, frozen_batch_norm, names=None
):
    """Run a network of keras.applications on an image.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth.
        who: the encoder's name, for messages.
        network: of keras.applications, without preprocessing of its own.
        taps: six names of layers, those of maps 0 to 5; None stands for the image, averaged to the map's size. A layer
            that Keras numbers through has the name that it has in a fresh process.
        source: address and hash of the weights called `imagenet`.
        pixels: what weights expect of them, as `stem` takes it.
        depth: how many times the maps halve, 1 to 5; layers that no map wants are not built.
        weights: None, `imagenet` or a path.
        frozen: as `freeze` takes it.
        frozen_until: as `freeze` takes it.
        frozen_batch_norm: as `freeze` takes it.
        names: other names for some of the layers, by Keras' name.

    Returns:
        `depth + 1` maps, finest first.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    if depth not in range(1, 6):
        raise ValueError(f"{who}: depth must be 1 to 5, got {depth}")
    path = weight_file(who, weights, *source)
    whole = None
    if path:
        whole = _built(network)
        load(who, whole, path, source[0])
    steps = _steps(whole) if whole else _layout(network, keras.config.dtype_policy().name)
    tapped = taps[: depth + 1]
    names = {name: f"encoder-{other}" for name, other in (names or {}).items()}
    found = _taken(steps, tapped[-1], names, image, pixels, whole) if tapped[-1] else {}
    maps = [found[tap] if tap else _averaged(image, number) for number, tap in enumerate(tapped)]
    freeze(image, maps, frozen=frozen, frozen_until=frozen_until, frozen_batch_norm=frozen_batch_norm)
    return maps


class _Step(NamedTuple):
    """One layer, or operation, of a network: how others call it, its lasting name, how it is made and fed."""

    key: str
    name: str
    record: dict[str, Any]
    inputs: Any


@functools.cache
def _layout(network, policy):
    """The steps of a network of random weights, kept: to build it and look at it takes as long as to build an encoder.

    Layers carry the policy of precision that they were made under, hence the argument. What is drawn here must not
    move the generator that Keras takes seeds from, or the first encoder of a process would differ from the next.
    """
    drawn = random.getstate()
    try:
        return _steps(_built(network))
    finally:
        random.setstate(drawn)


def _built(network):
    return network(include_top=False, weights=None, input_shape=(None, None, 3))


def _steps(whole):
    """The steps of a network in order; a chain of layers gives one for each, the last under the chain's key."""
    counted, steps = {}, []
    for record in whole.get_config()["layers"][1:]:
        inputs = record["inbound_nodes"][0]["args"]
        chain = record["config"]["layers"][1:] if record["class_name"] == "Sequential" else [record]
        for link in chain:
            key = record["name"] if link is chain[-1] else link["config"]["name"]
            name = _lasting(link["config"]["name"], link["class_name"], counted)
            made = {part: link[part] for part in ("module", "class_name", "registered_name", "config")}
            steps.append(_Step(key, name, made, inputs))
            inputs = ({"class_name": "__keras_tensor__", "config": {"keras_history": [key, 0, 0]}},)
    return steps


def _lasting(name, kind, counted):
    """A name itself, or, where Keras made it by counting through the process, one counted from the network's start."""
    stem = name.rstrip("_0123456789")
    if stem.replace("_", "") != kind.lower():
        return name
    number = counted[stem] = counted.get(stem, -1) + 1
    return f"{stem}_{number}" if number else stem


def _taken(steps, last, names, image, pixels, whole):
    """Take the steps up to the last with new layers, and the weights of the whole network, if there is one.

    Returns:
        Tensor per name of a step.
    """
    learnt = {layer.name: layer for layer in _innermost(whole)} if whole else {}
    outputs, found, border = {}, {}, 0
    for step in steps:
        inputs = [_fed(each, outputs, image) for each in step.inputs]
        twin = _twin(step.record, names.get(step.name, f"encoder-{step.name}"))
        layer = learnt.get(step.record["config"]["name"])
        if inputs[0] is not image:
            output = twin(*inputs)
            if layer:
                _copy(layer, twin)
        elif isinstance(twin, layers.ZeroPadding2D):
            border, output = twin.padding, image
        else:
            output = _first(layer, twin, image, border, pixels)
        outputs[step.key] = found[step.name] = output
        if step.name == last:
            break
    return found


def _fed(argument, outputs, image):
    """An argument of a call, with tensors in the place of what the network's config says of them."""
    if isinstance(argument, list | tuple):
        return [_fed(each, outputs, image) for each in argument]
    if isinstance(argument, dict):
        return outputs.get(argument["config"]["keras_history"][0], image)
    return argument


def _twin(record, name):
    """An operation as it is recorded, by another name, not built yet."""
    config = {**record["config"], "name": name}
    if record["class_name"] != "Conv2D" or not config["groups"] == config["filters"] > 1:
        return keras.saving.deserialize_keras_object({**record, "config": config})
    shared = ("name", "dtype", "kernel_size", "strides", "padding", "use_bias", "bias_initializer", "activation")
    options = {option: config[option] for option in shared}
    return layers.DepthwiseConv2D(depthwise_initializer=config["kernel_initializer"], **options)


def _first(layer, convolution, image, border, pixels):
    if layer is None:
        return stem(image, convolution, border=border)
    features = stem(image, convolution, border=border, kernel=keras.ops.convert_to_numpy(layer.kernel), pixels=pixels)
    if convolution.use_bias:
        convolution.bias.assign(layer.bias)
    return features


def _copy(layer, twin):
    arrays = layer.get_weights()
    if isinstance(twin, layers.DepthwiseConv2D) and not isinstance(layer, layers.DepthwiseConv2D):
        arrays[0] = arrays[0].transpose(0, 1, 3, 2)
    twin.set_weights(arrays)


def _innermost(model):
    for layer in model.layers:
        yield from _innermost(layer) if isinstance(layer, keras.Sequential) else [layer]


def _averaged(image, number):
    return layers.AveragePooling2D(2**number, name=f"encoder-averaged{number}")(image) if number else image
