"""VGG-16 as the first FCNs take it: a border of 100 zeros, and its two dense layers as convolutions.

Source: Long, Shelhamer, Darrell, 2015 (arXiv:1411.4038), section 4.1, and their Caffe nets.
Departure: no encoder of the catalogue, since its maps reach beyond the image. With weights the network takes pixels in
[0, 1]; without, all layers are drawn by He's uniform distribution.
"""

import keras
from keras import layers

from ultraseg.encoders._keras_weights import load
from ultraseg.encoders._stem import CAFFE, stem
from ultraseg.weight_file import weight_file

BORDER = 100
BLOCKS = ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3))
"""Of each block its channels, in widths, and its number of convolutions."""
WIDTH = 64
SOURCE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5",
    "64373286793e3c8b2b4e3219cbf3544b",
)


def convolved_vgg16(image, *, who, width=64, dropout=0.5, weights=None):
    """Turn an image of any size into the three maps that an FCN scores.

    Args:
        image: `[batch, height, width, channels]`.
        who: the model, for messages.
        width: channels of the first block; the dense layers have 64 times as many.
        dropout: share of whole channels dropped after either dense layer, in [0, 1).
        weights: None draws them; `imagenet` fetches Keras' VGG16 with its top once; the path of an `.h5` file of that
            network takes it. With weights, pixels must be in [0, 1]: what the weights expect of them is done inside.

    Returns:
        Maps of stride 32, 16 and 8: the second dense layer, the fourth and the third pooling; channels, in widths, 64,
        8 and 4. Their sides are those of an image with 100 pixels around it, rounded up; the first is 6 less.

    Raises:
        ValueError: weights are wanted of another width than 64, cannot be had or do not fit.
    """
    if weights is not None and width != WIDTH:
        raise ValueError(f"{who}: weights are of width {WIDTH}, got width {width}")
    path = weight_file(who, weights, *SOURCE)
    learnt = _learnt(who, path) if path else None
    features, pools = image, []
    for block, (times, count) in enumerate(BLOCKS, start=1):
        for number in range(1, count + 1):
            convolution = _convolution(times * width, 3, "same", f"conv{block}_{number}")
            features = _run(convolution, features, features is image, learnt and learnt[f"block{block}_conv{number}"])
        # what `same` adds to an odd side is what Caffe's rounding up amounts to
        features = layers.MaxPooling2D(2, padding="same", name=f"pool{block}")(features)
        pools.append(features)
    for number, side in ((6, 7), (7, 1)):
        convolution = _convolution(64 * width, side, "valid", f"fc{number}")
        features = _run(convolution, features, False, learnt and learnt[f"fc{number - 5}"])
        features = layers.SpatialDropout2D(dropout, name=f"drop{number}")(features)
    return features, pools[3], pools[2]


def _learnt(who, path):
    """Read Keras' VGG16: kernel and bias per layer."""
    whole = keras.applications.VGG16(weights=None)
    load(who, whole, path, SOURCE[0])
    return {layer.name: layer.get_weights() for layer in whole.layers}


def _run(convolution, features, first, learnt):
    """Convolve; with learnt weights, those of a dense layer become a kernel as large as the map that it was made on."""
    if first:
        # the convolution's own padding adds one
        features = stem(features, convolution, border=BORDER - 1, kernel=learnt and learnt[0], pixels=CAFFE)
    else:
        features = convolution(features)
        if learnt:
            convolution.kernel.assign(learnt[0].reshape(convolution.kernel.shape))
    if learnt:
        convolution.bias.assign(learnt[1])
    return features


def _convolution(channels, side, padding, name):
    return layers.Conv2D(channels, side, padding=padding, activation="relu", kernel_initializer="he_uniform", name=name)
