"""Keras' own ResNet-50: bottlenecks whose stride sits in the first 1x1, and a bias in every convolution.

Source: He, Zhang, Ren, Sun, 2015 (arXiv:1512.03385), table 1, in its first version; keras.applications and its ImageNet
weights. The maps are those of report 002's networks.
Departure: with weights the network takes pixels in [0, 1]: times 255, blue first, less the mean colour, inside; stages
below `depth` are not built.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import CAFFE

TAPS = (None, "conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out", "conv5_block3_out")
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "4d473c1dd8becc155b73f8504c6f6626",
)


def KerasResNet50(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of Keras' own ResNet-50.

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
        `depth + 1` maps, finest first: the image, then channels 64, 256, 512, 1024, 2048 at
        strides 2, 4, 8, 16, 32, after Keras' layers `conv1_relu`, `conv2_block3_out`, `conv3_block4_out`,
        `conv4_block6_out`, `conv5_block3_out`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "KerasResNet50",
        applications.ResNet50,
        TAPS,
        SOURCE,
        CAFFE,
        depth=depth,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )
