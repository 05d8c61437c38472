"""DenseNet-121: four blocks of 6, 12, 24 and 16 pairs of convolutions, each fed with the maps of all before it.

Source: Huang, Liu, van der Maaten, Weinberger, 2016 (arXiv:1608.06993), table 1; keras.applications and its ImageNet
weights. The maps are those of report 002's networks.
Departure: with weights the network takes pixels in [0, 1], their mean and deviation inside; stages below `depth` are
not built.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import TORCH

TAPS = (None, "conv1_relu", "pool2_relu", "pool3_relu", "pool4_relu", "relu")
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "30ee3e1110167f948a6b9946edeeb738",
)


def DenseNet121(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of a DenseNet-121.

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
        `depth + 1` maps, finest first: the image, then channels 64, 256, 512, 1024, 1024 at
        strides 2, 4, 8, 16, 32, after Keras' layers `conv1_relu`, `pool2_relu`, `pool3_relu`, `pool4_relu`, `relu`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "DenseNet121",
        applications.DenseNet121,
        TAPS,
        SOURCE,
        TORCH,
        depth=depth,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )
