"""MobileNetV3-Large: fifteen inverted bottlenecks, some with squeeze and excitation, and hard swish in the deeper.

Source: Howard et al., 2019 (arXiv:1905.02244), table 1; keras.applications and its ImageNet weights. A map is what the
last block at its stride gives, as in segmentation_models.pytorch; the last is the network's own end.
Departure: with weights the network takes pixels in [0, 1], scaled to [-1, 1] inside; stages below `depth` are not
built.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import SIGNED

TAPS = (
    None,
    "expanded_conv_add",
    "expanded_conv_2_add",
    "expanded_conv_5_add",
    "expanded_conv_11_add",
    "activation_19",
)
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
    "07fb09a5933dd0c8eaafa16978110389",
)


def MobileNetV3Large(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of a MobileNetV3-Large.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth.
        depth: how many times the maps halve, 1 to 5; later stages are not built.
        weights: None draws them at random; `imagenet` fetches Keras' own once; the path of an `.h5` file of Keras'
            network without its top takes that. With weights, pixels must be in [0, 1]: what the weights expect of them
            is done inside.
        frozen: no weight trains and every batch norm keeps its statistics.
        frozen_until: number of the last map whose layers, and all before, are frozen; 0 freezes none.
        frozen_batch_norm: every batch norm keeps its statistics, gamma and beta.

    Returns:
        `depth + 1` maps, finest first: the image, then channels 16, 24, 40, 112, 960 at
        strides 2, 4, 8, 16, 32, after Keras' layers `expanded_conv_add`, `expanded_conv_2_add`, `expanded_conv_5_add`,
        `expanded_conv_11_add`, and the hard swish after `conv_1_bn`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "MobileNetV3Large",
        _network,
        TAPS,
        SOURCE,
        SIGNED,
        depth=depth,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )


def _network(**options):
    return applications.MobileNetV3Large(include_preprocessing=False, **options)
