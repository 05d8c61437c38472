"""TransferDeepLabV3Plus: report 002's DeepLabV3+ on a pretrained network that is not dilated.

Source: report 002, which names DeepLabV3+ and its encoders alone; the rest is the common Keras network of that kind: a
pyramid with rates 6, 12 and 18 on the map at stride 16, joined to the one at stride 4.
Departure: logits instead of a sigmoid. The 1x1 convolution to them stands in front of the last enlargement, not behind
it, which is the same function. On the residual encoder the fine map is the output of its stage's last block, not of the
one before, as many channels and weights. Images of any size, reflected up to the stride and cropped in the end.
"""

import keras
from keras import layers

from ultraseg.layers import AlignedResizing2D, crop_like, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head, precision
from ultraseg.models._image import image_of
from ultraseg.models._transferred import DEPTH, unit

CHANNELS = 256
RATES = (6, 12, 18)
FINE = 2
"""The number of the fine map that is joined, at stride 4."""
FINE_CHANNELS = 48


def TransferDeepLabV3Plus(input_shape, classes, *, encoder="KerasResNet50"):
    """Build report 002's DeepLabV3+.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 16 does not divide are reflected up to
            it and cropped in the end.
        classes: channels of the output; the report has 1.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps; the report has `VGG19`,
            `KerasResNet50` and `DenseNet121`, each as `{name: {weights: imagenet}}`.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: the shape is wrong, a side is too small, or the encoder is unknown.
    """
    image = image_of("TransferDeepLabV3Plus", input_shape, classes)
    maps = encode(pad_to_stride(image, 2**DEPTH, who="TransferDeepLabV3Plus"), encoder, depth=DEPTH)
    features = _enlarged(_pyramid(maps[DEPTH]), "decoder_up")
    fine = unit(maps[FINE], FINE_CHANNELS, 1, name="decoder_fine")
    features = layers.Concatenate(name="decoder_join")([features, fine])
    for number in (1, 2):
        features = unit(features, CHANNELS, name=f"decoder_conv{number}")
    logits = _enlarged(head(features, classes, 1, name="logits"), "logits_up", dtype=precision())
    return keras.Model(image, crop_like(logits, image), name="TransferDeepLabV3Plus")


def _pyramid(features):
    """The map as a whole, by itself, and with taps at three distances."""
    mean = layers.GlobalAveragePooling2D(keepdims=True, name="pyramid_mean")(features)
    mean = unit(mean, CHANNELS, 1, name="pyramid_whole")
    branches = [AlignedResizing2D(name="pyramid_everywhere")([mean, features])]
    branches.append(unit(features, CHANNELS, 1, name="pyramid_itself"))
    branches += [unit(features, CHANNELS, name=f"pyramid_rate{rate}", rate=rate) for rate in RATES]
    return unit(layers.Concatenate(name="pyramid_join")(branches), CHANNELS, 1, name="pyramid")


def _enlarged(features, name, **options):
    """Four times higher and wider, bilinear as Keras does it: pixels are squares whose centres are interpolated."""
    return layers.UpSampling2D(4, interpolation="bilinear", name=name, **options)(features)
