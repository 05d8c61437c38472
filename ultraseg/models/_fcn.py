"""What the three FCNs share: scores of a VGG-16's maps, upsampled, cropped and added.

Source: Long, Shelhamer, Darrell, 2015 (arXiv:1411.4038), section 4.2; where a crop begins is from their Caffe nets.
"""

import keras
from keras import layers

from ultraseg.encoders.convolved_vgg16 import convolved_vgg16
from ultraseg.layers import ChannelAffine, CropLike, DiagonalBilinear
from ultraseg.models._head import precision
from ultraseg.models._image import image_of
from ultraseg.models._options import share, whole

SKIPS = (("pool4", 5, 0.01), ("pool3", 9, 0.0001))
"""The poolings that are scored too: their names, where the crop of their scores begins, their scale at once."""
LAST = ((32, 19), (16, 27), (8, 31))
"""For no, one and two skips: the factor of the last upsampling, and where the crop of the logits begins."""


def fcn(name, input_shape, classes, skips, *, weights, width, dropout, at_once=False):
    """Build an FCN.

    Args:
        name: of the model.
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output.
        skips: how many poolings are scored too, 0 to 2.
        weights: as `convolved_vgg16` takes them.
        width: channels of VGG16's first block.
        dropout: share of whole channels dropped after either dense layer, in [0, 1).
        at_once: scale the poolings down before they are scored.

    Returns:
        A `keras.Model`.

    Raises:
        ValueError: an option is out of its range, or the weights cannot be had.
    """
    whole(name, "width", width)
    share(name, "dropout", dropout)
    image = image_of(name, input_shape, classes)
    features, *pools = convolved_vgg16(image, who=name, width=width, dropout=dropout, weights=weights)
    scores = _score(features, classes, "score_fr")
    for index, (pool, offset, scale) in enumerate(SKIPS[:skips]):
        scores = _upscore(scores, 2, "upscore_pool4" if index else "upscore2")
        features = pools[index]
        if at_once:
            channels = features.shape[-1]
            features = ChannelAffine([scale] * channels, [0] * channels, name=f"scale_{pool}")(features)
        skip = _cropped(_score(features, classes, f"score_{pool}"), scores, offset, pool)
        scores = layers.Add(name=f"fuse_{pool}")([scores, skip])
    factor, offset = LAST[skips]
    scores = _upscore(scores, factor, f"upscore{factor}", precision())
    return keras.Model(image, _cropped(scores, image, offset, "logits"), name=name)


def _score(features, classes, name):
    return layers.Conv2D(classes, 1, kernel_initializer="zeros", name=name)(features)


def _upscore(scores, factor, name, dtype=None):
    return layers.Conv2DTranspose(
        scores.shape[-1],
        2 * factor,
        strides=factor,
        use_bias=False,
        kernel_initializer=DiagonalBilinear(),
        dtype=dtype,
        name=name,
    )(scores)


def _cropped(scores, reference, offset, name):
    """Cut scores to the height and width of a reference, from an offset at the top and left."""
    cut = layers.Cropping2D(((offset, 0), (offset, 0)), dtype=scores.dtype, name=f"{name}_offset")(scores)
    return CropLike(dtype=scores.dtype, name=f"{name}_crop")([cut, reference])
