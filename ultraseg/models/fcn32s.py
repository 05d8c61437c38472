"""FCN-32s: a VGG-16's scores at stride 32, upsampled in one step.

Source: Long, Shelhamer, Darrell, 2015 (arXiv:1411.4038), and their Caffe net.
Departure: upsampling trains from its bilinear start, where the authors fix it or slow it down.
"""

from ultraseg.models._fcn import fcn


def FCN32s(input_shape, classes, *, weights: str | None = None, width=64, dropout=0.5):
    """Build an FCN-32s.

    Args:
        input_shape: `(height, width, channels)`; a side may be None, and any size will do.
        classes: channels of the output.
        weights: None draws them; `imagenet` fetches Keras' VGG16 with its top once; the path of an `.h5` file of that
            network takes it. With weights, pixels must be in [0, 1], and the width 64.
        width: channels of VGG16's first block; the others keep their ratios to it.
        dropout: share of whole channels dropped after either dense layer, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision; all zero before training.

    Raises:
        ValueError: an option is out of its range, or the weights cannot be had or do not fit.
    """
    return fcn("FCN32s", input_shape, classes, 0, weights=weights, width=width, dropout=dropout)
