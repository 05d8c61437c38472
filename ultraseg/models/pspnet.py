"""PSPNet: a map joined to its own means over coarser and coarser grids.

Source: Zhao et al., 2017 (arXiv:1612.01105), as segmentation_models.pytorch builds it: on the encoder's map at stride
8, while the stages behind it are part of the encoder and never run.
Departure: those stages are built only where `whole_encoder` asks for them.
"""

import keras
from keras import layers

from ultraseg.layers import AdaptivePooling2D, AlignedResizing2D, IdleStages, conv_norm_relu, crop_like, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of, several, share, whole

DEEPEST = 5


def PSPNet(
    input_shape,
    classes,
    *,
    encoder="ResNet34",
    depth=3,
    sizes=(1, 2, 3, 6),
    psp_channels=512,
    dropout=0.2,
    whole_encoder=False,
):
    """Build a pyramid scene parsing network.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        depth: how many times the encoder halves the image, 1 to 5.
        sizes: bins along each side of the grids that means are taken over.
        psp_channels: channels of the map in front of the head.
        dropout: share of those channels dropped, in [0, 1).
        whole_encoder: hold the weights of the stages behind `depth` too, as a checkpoint of the source does. They
            change nothing.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    one_of("PSPNet", "depth", depth, (1, 2, 3, 4, 5))
    several("PSPNet", "sizes", sizes)
    whole("PSPNet", "psp_channels", psp_channels)
    share("PSPNet", "dropout", dropout)
    image = image_of("PSPNet", input_shape, classes)
    padded = pad_to_stride(image, 2**depth, who="PSPNet")
    maps = encode(padded, encoder, depth=DEEPEST if whole_encoder else depth)
    features = maps[depth]
    if len(maps) > depth + 1:
        features = IdleStages(_behind(features, maps[-1]), name="encoder-idle")(features)
    width, many = features.shape[-1], len(sizes)
    if many > width:
        raise ValueError(
            f"PSPNet: sizes must be at most as many as the encoder's map has channels, {width}, got {many}"
        )
    branches = [_branch(features, size, width // many, number) for number, size in enumerate(sizes)]
    features = layers.Concatenate(name="decoder-psp-join")([*branches, features])
    features = conv_norm_relu(features, psp_channels, 1, name="decoder-conv")
    if dropout:
        features = layers.SpatialDropout2D(dropout, name="decoder-dropout")(features)
    logits = head(features, classes, upsampling=2**depth)
    return keras.Model(image, crop_like(logits, image), name="PSPNet")


def _branch(features, size, channels, number):
    """Means over a grid, narrowed, and stretched over the map again; a single mean cannot be normalized by itself."""
    name = f"decoder-psp-blocks-{number}-pool"
    means = AdaptivePooling2D(size, name=f"{name}-0")(features)
    if size > 1:
        means = conv_norm_relu(means, channels, 1, name=f"{name}-1")
    else:
        means = layers.Conv2D(channels, 1, kernel_initializer="he_uniform", name=f"{name}-1-0")(means)
        means = layers.ReLU(name=f"{name}-1-2")(means)
    return AlignedResizing2D(name=f"{name}-up")([means, features])


def _behind(live, deepest):
    """The model of what the deepest map needs and the live one does not."""
    needed, _ = _origins(live, {})
    return keras.Model(_origins(deepest, needed)[1], deepest, name="behind")


def _origins(tensor, known):
    """The tensors that one is computed from, by their ids, and those among the known where the search ended."""
    seen, ends, waiting = {}, {}, [tensor]
    while waiting:
        each = waiting.pop()
        if id(each) in known:
            ends[id(each)] = each
        elif id(each) not in seen:
            seen[id(each)] = each
            operation, node = each._keras_history[:2]
            waiting += operation._inbound_nodes[node].input_tensors
    return seen, list(ends.values())
