"""Networks as segmentation-models builds them: backbones with the maps that its decoders take, and whole architectures.

Source: segmentation-models 1.0.1, with the backbones of image-classifiers 1.0.0 and efficientnet 1.0.0.
Departure: DenseNets are left out, since their layers' names hold a slash, which Keras 3 refuses; weights are checked.
"""

import numpy as np

from ultraseg import catalogue
from ultraseg.sm._package import package, quiet
from ultraseg.sm._weights import Loading, given

SIDE = 96
"""Height and width where the package wants to know them: one that all its networks take."""
COLOURS = ((0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255))


def backbones():
    """List the backbones that can be built.

    Raises:
        ValueError: the package cannot be imported.
    """
    return [name for name in package().get_available_backbone_names() if not name.startswith("densenet")]


def backbone(who, name, weights=None):
    """Build a backbone for three channels and any size.

    Args:
        who: what asks for it, for messages.
        name: the package's, such as `seresnext50`.
        weights: None draws them at random; `imagenet` fetches the package's own; or the path of an `.h5` file.

    Returns:
        `(model, maps)`: a `keras.Model`, and six of its Keras tensors, number i at stride 2**i; the first is None where
        no layer works at stride 1.

    Raises:
        ValueError: there is no such backbone, or the weights cannot be had or do not fit.
    """
    _check(who, name)
    factory = package().Backbones
    path = given(who, name, weights)
    with Loading(who, name, path), quiet():
        build = package().inject_global_submodules(factory.get_backbone)
        model = build(name, input_shape=(None, None, 3), include_top=False, weights=path)
    layers = [
        model.get_layer(**{"name" if isinstance(layer, str) else "index": layer})
        for layer in factory.get_feature_layers(name)
    ]
    maps = [layer.output for layer in reversed(layers)]
    return model, [None] * (5 - len(maps)) + [*maps, model.output]


def architecture(who, name, backbone, options, weights=None):
    """Build one of the package's four architectures for three channels, without an activation behind its logits.

    Args:
        who: what asks for it, for messages.
        name: the package's: `Unet`, `FPN`, `Linknet` or `PSPNet`.
        backbone: the package's name of it.
        options: `{option: value}` of the architecture, in the package's words.
        weights: of the backbone, as `backbone` takes them.

    Returns:
        A `keras.Model`, of a known size if it is a PSPNet.

    Raises:
        ValueError: there is no such backbone, or the weights cannot be had or do not fit.
    """
    _check(who, backbone)
    side = SIDE if name == "PSPNet" else None
    path = given(who, backbone, weights)
    with Loading(who, backbone, path), quiet():
        build = getattr(package(), name)
        return build(backbone, input_shape=(side, side, 3), activation="linear", encoder_weights=path, **options)


def pixels(backbone):
    """Say what a backbone's ImageNet weights expect of pixels, as the package's own preprocessing does it.

    Args:
        backbone: the package's name of it.

    Returns:
        `(colours, scale, offset)`, each with a number per channel: its colour (0 red, 1 green, 2 blue), by what a pixel
        in [0, 1] is multiplied, and what is added.

    Raises:
        ValueError: there is no such backbone.
    """
    _check("segmentation-models", backbone)
    prepare = package().get_preprocessing(backbone)
    black, *pure = (prepare(np.array(colour, np.float64).reshape(1, 1, 1, 3)).ravel() for colour in COLOURS)
    change = np.stack(pure) - black
    colours = np.abs(change).argmax(axis=0)
    return tuple(map(int, colours)), tuple(map(float, change.max(axis=0))), tuple(map(float, black))


def _check(who, name):
    known = backbones()
    if isinstance(name, str) and name.startswith("densenet"):
        raise ValueError(
            f"{who}: {name} cannot be built: its layers' names hold a slash, which Keras 3 refuses; "
            "take the encoder DenseNet121"
        )
    if name not in known:
        raise ValueError(f"{who}: {catalogue.unknown(name, known, 'backbone')}")
