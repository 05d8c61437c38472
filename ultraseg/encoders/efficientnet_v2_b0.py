"""EfficientNetV2-B0: six stages of inverted bottlenecks, fused in the first three, with squeeze and excitation after.

Source: Tan, Le, 2021 (arXiv:2104.00298); keras.applications and its ImageNet weights. A map is what the last block at
its stride gives, as in segmentation_models.pytorch; the last is the network's own end. In training, residual branches
are dropped at random, as in Keras.
Departure: with weights the network takes pixels in [0, 1], their mean and deviation inside; stages below `depth` are
not built.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import TORCH

TAPS = (None, "block1a_project_activation", "block2b_add", "block3b_add", "block5e_add", "top_activation")
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/efficientnetv2-b0_notop.h5",
    "893217f2bb855e2983157299931e43ff",
)


def EfficientNetV2B0(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of an EfficientNetV2-B0.

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
        `depth + 1` maps, finest first: the image, then channels 16, 32, 48, 112, 1280 at
        strides 2, 4, 8, 16, 32, after Keras' layers `block1a_project_activation`, `block2b_add`, `block3b_add`,
        `block5e_add`, `top_activation`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "EfficientNetV2B0",
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
    return applications.EfficientNetV2B0(include_preprocessing=False, **options)
