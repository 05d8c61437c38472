"""VGG-16: 13 convolutions of 3x3 in five blocks, 2, 2, 3, 3 and 3, each block followed by max-pooling.

Source: Simonyan, Zisserman, 2014 (arXiv:1409.1556), table 1, column D; keras.applications and its
ImageNet weights. The maps are those of segmentation_models.pytorch and of report 002's networks.
Departure: with weights the network takes pixels in [0, 1]: times 255, blue first, less the mean colour, inside; stages
below `depth` are not built. Layers bear torchvision's names, so that its state dicts fit.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import CAFFE
from ultraseg.encoders._vgg import taps, torchvision

REPEATS = (2, 2, 3, 3, 3)
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "6d6bbae143d832006294945121d1f1fc",
)


def VGG16(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of a VGG-16.

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
        `depth + 1` maps, finest first: channels 64, 128, 256, 512, 512, 512 at strides
        1, 2, 4, 8, 16, 32, after Keras' layers `block1_conv2`, `block2_conv2`, `block3_conv3`,
        `block4_conv3`, `block5_conv3`, `block5_pool`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "VGG16",
        applications.VGG16,
        taps(REPEATS),
        SOURCE,
        CAFFE,
        names=torchvision(REPEATS),
        depth=depth,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )
