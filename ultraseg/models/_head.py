"""The head of a network: a convolution to the classes, enlarged to the image's size.

Source: the heads of segmentation_models.pytorch.
"""

import keras
from keras import layers

from ultraseg.layers import AlignedUpSampling2D


def head(features, classes, size=3, *, upsampling=1, name="segmentation_head-0"):
    """Turn features into logits.

    Args:
        features: `[batch, height, width, channels]`.
        classes: channels of the output, at least 1.
        size: side of the kernel, odd.
        upsampling: how many times higher and wider the logits are, bilinear with fixed corners.
        name: of the convolution.

    Returns:
        Logits, `[batch, height * upsampling, width * upsampling, classes]`: float32 under mixed precision, otherwise of
        the precision that is set.
    """
    dtype = precision()
    logits = layers.Conv2D(classes, size, padding="same", dtype=dtype, name=name)(features)
    if upsampling > 1:
        logits = AlignedUpSampling2D(upsampling, dtype=dtype, name=f"{name}_upsampling")(logits)
    return logits


def precision():
    """The dtype of logits: float64 where everything is, otherwise float32."""
    return "float64" if keras.config.dtype_policy().compute_dtype == "float64" else "float32"
