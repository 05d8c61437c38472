"""ConvNeXt-Tiny: four stages of 3, 3, 9 and 3 blocks: a 7x7 depthwise convolution, layer norm and two 1x1.

Source: Liu, Mao, Wu, Feichtenhofer, Darrell, Xie, 2022 (arXiv:2201.03545); keras.applications and its ImageNet weights.
Departure: the network begins at stride 4, so that map 1 is the image averaged over 2x2 pixels, without weights, and of
as few channels: what a decoder makes as wide as that map (a block of Linknet and of MAnet, nodes of UNetPlusPlus) is
narrowed to them. With weights it takes pixels in [0, 1], their mean and deviation inside; stages below `depth` are not
built.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import TORCH

TAPS = (None, None, "add_2", "add_5", "add_14", "layer_normalization")
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/convnext/convnext_tiny_notop.h5",
    "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
)


def ConvNeXtTiny(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of a ConvNeXt-Tiny.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth.
        depth: how many times the maps halve, 1 to 5; later stages are not built.
        weights: None draws them at random; `imagenet` fetches Keras' own once; the path of an `.h5` file of Keras'
            network without its top takes that. With weights, pixels must be in [0, 1]: what the weights expect of them
            is done inside.
        frozen: no weight trains.
        frozen_until: number of the last map whose layers, and all before, are frozen; 0 freezes none.
        frozen_batch_norm: the network has no batch norm, so that this changes nothing.

    Returns:
        `depth + 1` maps, finest first: the image, the image averaged over 2x2 pixels, then channels
        96, 192, 384, 768 at strides 4, 8, 16, 32, after the last block of each stage; the last after Keras' final
        layer norm.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "ConvNeXtTiny",
        _network,
        TAPS,
        SOURCE,
        TORCH,
        depth=depth,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )


def _network(**options):
    return applications.ConvNeXtTiny(include_preprocessing=False, **options)
