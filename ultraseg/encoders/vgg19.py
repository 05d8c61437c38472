"""VGG-19: 16 convolutions of 3x3 in five blocks, 2, 2, 4, 4 and 4, each block followed by max-pooling.

Source: Simonyan, Zisserman, 2014 (arXiv:1409.1556), table 1, column E; keras.applications and its
ImageNet weights. The maps are those of segmentation_models.pytorch and of report 002's networks.
Departure: with weights the network takes pixels in [0, 1]: times 255, blue first, less the mean colour, inside; stages
below `depth` are not built. Layers bear torchvision's names, so that its state dicts fit.
"""

from keras import applications

from ultraseg.encoders._applications import application
from ultraseg.encoders._stem import CAFFE
from ultraseg.encoders._vgg import taps, torchvision

REPEATS = (2, 2, 4, 4, 4)
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "253f8cb515780f3b799900260a226db6",
)


def VGG19(image, *, depth=5, weights=None, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Turn an image into the maps of a VGG-19.

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
        1, 2, 4, 8, 16, 32, after Keras' layers `block1_conv2`, `block2_conv2`, `block3_conv4`,
        `block4_conv4`, `block5_conv4`, `block5_pool`.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return application(
        image,
        "VGG19",
        applications.VGG19,
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
