"""The backbones of segmentation-models: ResNets and ResNeXts, with and without squeeze and excitation, and others.

Source: segmentation-models 1.0.1 (extra `sm`), its layers and the maps that its own decoders take.
Departure: with weights the network takes pixels in [0, 1]; what the package does to them in front of the network is
inside, and so is the batch norm on the data that its ResNets and ResNeXts begin with, by the statistics that it has
learnt, in training too. Layers behind the deepest map are not built.
"""

import numpy as np
from keras import layers

from ultraseg import sm
from ultraseg.encoders._freeze import freeze
from ultraseg.encoders._stem import stem


def SMBackbone(
    image, *, backbone="resnet34", depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False
):
    """Turn an image into the maps of a backbone of segmentation-models.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth.
        backbone: the package's name: `resnet18`, `seresnext50`, `efficientnetb0`; all but DenseNets.
        depth: how many times the maps halve, 1 to 5; later stages are not built.
        weights: None draws them at random; `imagenet` fetches the package's own once; the path of an `.h5` file of the
            backbone without its top takes that. With weights, pixels must be in [0, 1]: what the weights expect of them
            is done inside.
        frozen: no weight trains and every batch norm keeps its statistics.
        frozen_until: number of the last map whose layers, and all before, are frozen; 0 freezes none.
        frozen_batch_norm: every batch norm keeps its statistics, gamma and beta.

    Returns:
        `depth + 1` maps, finest first, the package's own skips and the backbone's end; the first is the image unless
        the backbone works at stride 1, as VGGs do.

    Raises:
        ValueError: an option is wrong, the package is not installed, or the weights cannot be had or do not fit.
    """
    if depth not in range(1, 6):
        raise ValueError(f"SMBackbone: depth must be 1 to 5, got {depth}")
    model, taps = sm.backbone("SMBackbone", backbone, weights)
    taps = taps[: depth + 1]
    learnt = weights is not None
    instead = _entrance(model, sm.pixels(backbone)) if learnt else {}
    ends = [tap for tap in taps if tap is not None]
    built = iter(sm.rebuilt(model, image, ends, prefix="encoder-", instead=instead, learnt=learnt))
    maps = [image if tap is None else next(built) for tap in taps]
    freeze(image, maps, frozen=frozen, frozen_until=frozen_until, frozen_batch_norm=frozen_batch_norm)
    return maps


def _entrance(model, pixels):
    """What stands for the layers of a learnt network up to its first convolution: `stem`, which takes any channels."""
    (colours, scale, offset), border, instead = pixels, 0, {}
    for layer in model.layers[1:]:
        if isinstance(layer, layers.Conv2D):
            break
        instead[layer] = _passed
        if isinstance(layer, layers.BatchNormalization):
            beta, mean, variance = (np.asarray(array, np.float64) for array in layer.get_weights())
            factor = 1 / np.sqrt(variance + layer.epsilon)
            scale, offset = scale * factor, (offset - mean) * factor + beta
        else:
            border = layer.padding

    def run(learnt, convolution, image):
        kernel = np.asarray(learnt.kernel)
        features = stem(image, convolution, border=border, kernel=kernel, pixels=(colours, scale, offset))
        if convolution.use_bias:
            convolution.bias.assign(learnt.bias)
        return features

    return {**instead, layer: run}


def _passed(layer, twin, features):
    return features
