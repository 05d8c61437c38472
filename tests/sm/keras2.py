"""Files of weights as Keras 2 wrote them, and numbers to fill networks with."""

import h5py
import numpy as np
from keras import layers


def draw(model, seed=0):
    """Give batch norms statistics, gammas and betas of their own; other weights are drawn when a network is built."""
    generator = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            positive = ("gamma", "moving_variance")
            layer.set_weights(
                [
                    generator.uniform(0.5, 1.5, weight.shape)
                    if weight.name in positive
                    else generator.normal(0, 0.3, weight.shape)
                    for weight in layer.weights
                ]
            )


def write(path, model, *, nest="", piece=10**6, names=lambda name: name):
    """Write a model's weights in the layout of Keras 2.

    Args:
        path: the file.
        model: a flat `keras.Model`.
        nest: the group that holds them, as in a file of a whole model.
        piece: how many names one attribute holds.
        names: from a layer's name to the one in the file.
    """
    with h5py.File(path, "w") as file:
        root = file.create_group(nest) if nest else file
        _list(root, "layer_names", [names(layer.name) for layer in model.layers], piece)
        for layer in model.layers:
            group = root.create_group(names(layer.name))
            kind = "depthwise_" if isinstance(layer, layers.DepthwiseConv2D) else ""
            paths = [
                f"{names(layer.name)}/{weight.name.replace('kernel', kind + 'kernel')}:0" for weight in layer.weights
            ]
            _list(group, "weight_names", paths, piece)
            for path_, weight in zip(paths, layer.weights, strict=True):
                group[path_] = np.asarray(weight)


def _list(group, attribute, names, piece):
    names = [name.encode() for name in names]
    if len(names) <= piece:
        group.attrs[attribute] = np.array(names)
    else:
        for number, start in enumerate(range(0, len(names), piece)):
            group.attrs[f"{attribute}{number}"] = np.array(names[start : start + piece])
