"""The architectures of segmentation-models as models of ours: any size, any channels, logits.

Source: segmentation-models 1.0.1; its own functions build the network.
Departure: rebuilt in layers that Keras knows, with the package's names; with weights of the backbone an image has its
pixels in [0, 1], what the weights expect of them is done inside, and other than three channels are mixed to three.
"""

import keras
from keras import layers

from ultraseg import sm
from ultraseg.layers import ChannelAffine, crop_like, pad_to_stride
from ultraseg.models._head import precision
from ultraseg.models._image import image_of


def network(who, name, input_shape, classes, *, backbone, weights, stride, options, instead=None):
    """Build one.

    Args:
        who: the builder's name.
        name: the package's.
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output.
        backbone: the package's name of it.
        weights: of the backbone: None, `imagenet` or the path of an `.h5` file.
        stride: what the sides are reflected up to a multiple of.
        options: `{option: value}` of the architecture, in the package's words.
        instead: from the package's model to what `sm.rebuilt` runs instead of its layers.

    Returns:
        A `keras.Model`.

    Raises:
        ValueError: the shape, the classes, the backbone or the weights are wrong, or the package is not installed.
    """
    image = image_of(who, input_shape, classes)
    padded = pad_to_stride(image, stride, who=who)
    theirs = sm.architecture(who, name, backbone, {"classes": classes, **options}, weights)
    if weights is not None:
        padded = _three_colours(padded, sm.pixels(backbone))
    replaced = _head(theirs) | (instead(theirs) if instead else {})
    [logits] = sm.rebuilt(theirs, padded, [theirs.output], instead=replaced, learnt=weights is not None)
    return keras.Model(image, crop_like(logits, image), name=who)


def _head(model):
    """The last convolution and what comes after it, never in halves."""
    last = max(number for number, layer in enumerate(model.layers) if isinstance(layer, layers.Conv2D))

    def run(layer, twin, features):
        name = "logits" if layer is model.layers[-1] else twin.name
        return type(twin).from_config({**twin.get_config(), "dtype": precision(), "name": name})(features)

    return dict.fromkeys(model.layers[last:], run)


def _three_colours(image, pixels):
    """Pixels in [0, 1] as weights of three channels expect them.

    One channel stands for all three; of other numbers each third one is summed to a colour, times 3 / channels, which
    is what segmentation_models.pytorch does to kernels.
    """
    channels, (colours, scale, offset) = image.shape[-1], pixels
    if channels == 1:
        return ChannelAffine(scale, offset, (0, 0, 0), name="pixels")(image)
    turns = []
    for turn in range(0, channels, 3):
        part = image if channels <= 3 else image[:, :, :, turn : turn + 3]
        there = [colour < part.shape[-1] for colour in colours]
        order = [colour if known else 0 for colour, known in zip(colours, there, strict=True)]
        share = [3 / channels * known for known in there]
        scales = [each * number for each, number in zip(share, scale, strict=True)]
        offsets = [each * number for each, number in zip(share, offset, strict=True)]
        turns.append(ChannelAffine(scales, offsets, order, name=f"pixels_{turn // 3}")(part))
    return layers.Add(name="pixels")(turns) if len(turns) > 1 else turns[0]
