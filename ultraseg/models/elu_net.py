"""EluNet: report 001's own net, nine convolutions that end at an eighth of the size, and one more for the logits.

Source: report 001's notebook (its source tree holds a smaller net of the same kind). No skips, and no learned
upsampling: what the report calls decoder blocks runs at an eighth, and the map of logits alone is enlarged.
Departure: images of any size, reflected up to a multiple of 8 and cropped in the end; any number of classes.
"""

import keras
from keras import layers

from ultraseg.layers import AlignedUpSampling2D, crop_like, norm, pad_to_stride
from ultraseg.models._head import precision
from ultraseg.models._image import image_of
from ultraseg.models._options import share
from ultraseg.models._pytorch_draw import pytorch_draw

STRIDE = 8


def EluNet(input_shape, classes, *, width=64, dropout=0.5):
    """Build report 001's net.

    Args:
        input_shape: `(height, width, channels)`; a side may be None.
        classes: channels of the output; the report has 1.
        width: channels of the first convolution, even; they go up to four times as many and down to half.
        dropout: share of whole channels dropped before each convolution but the first and the last, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, or a side is smaller than 8.
    """
    if width < 2 or width % 2:
        raise ValueError(f"EluNet: width must be even and at least 2, got {width}")
    share("EluNet", "dropout", dropout)
    image = image_of("EluNet", input_shape, classes)
    features = pad_to_stride(image, STRIDE, who="EluNet")
    features = _unit(features, width, 2, 0, "encoder1")
    for number, (times, stride) in enumerate([(1, 1), (2, 2), (2, 1), (4, 2), (4, 1)], start=2):
        features = _unit(features, times * width, stride, dropout, f"encoder{number}")
    for number, channels in enumerate([2 * width, width, width // 2], start=1):
        features = _unit(features, channels, 1, dropout, f"decoder{number}")
    features = norm(features, "logits_norm")
    dtype = precision()
    logits = layers.Conv2D(classes, 3, padding="same", dtype=dtype, name="logits", **_draw(features))(features)
    logits = AlignedUpSampling2D(STRIDE, dtype=dtype, name="logits_up")(logits)
    return keras.Model(image, crop_like(logits, image), name="EluNet")


def _unit(features, channels, stride, dropout, name):
    """Normalize, drop, convolve, ELU: in this order."""
    features = norm(features, f"{name}_norm")
    if dropout:
        features = layers.SpatialDropout2D(dropout, name=f"{name}_drop")(features)
    draw = _draw(features)
    features = layers.ZeroPadding2D(1, name=f"{name}_border")(features)
    return layers.Conv2D(channels, 3, strides=stride, activation="elu", name=f"{name}_conv", **draw)(features)


def _draw(features):
    return pytorch_draw(9 * features.shape[-1])
