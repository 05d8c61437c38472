"""TransferUNet: report 002's U-Net, four stages up from a pretrained network's map at stride 16.

Source: report 002, which names U-Net and its encoders alone; the rest is the common Keras network of that kind, with
the taps of those encoders: on the residual and the dense one the finest skip is the image itself.
Departure: logits instead of a sigmoid; images of any size, reflected up to the stride and cropped in the end.
"""

import keras
from keras import layers

from ultraseg.layers import crop_like, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._transferred import DEPTH, unit

WIDTHS = (64, 128, 256, 512)


def TransferUNet(input_shape, classes, *, encoder="KerasResNet50"):
    """Build report 002's U-Net.

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
    image = image_of("TransferUNet", input_shape, classes)
    *skips, features = encode(pad_to_stride(image, 2**DEPTH, who="TransferUNet"), encoder, depth=DEPTH)
    for stage, channels in reversed(list(enumerate(WIDTHS))):
        name = f"decoder{stage}"
        features = layers.Conv2DTranspose(channels, 2, strides=2, name=f"{name}_up")(features)
        features = layers.Concatenate(name=f"{name}_join")([features, skips[stage]])
        for number in (1, 2):
            features = unit(features, channels, name=f"{name}_conv{number}", use_bias=True)
    logits = head(features, classes, 1, name="logits")
    return keras.Model(image, crop_like(logits, image), name="TransferUNet")
