"""FCN-8s: a VGG-16's scores at strides 32, 16 and 8 added up, then upsampled eight times.

Source: Long, Shelhamer, Darrell, 2015 (arXiv:1411.4038), and their Caffe net; report 004 takes a public copy of it.
Departure: upsampling trains from its bilinear start, as in the copy, where the authors fix it or slow it down. Unlike
the copy, each class is upsampled by itself at the start, and the crop begins at 31, not 28, so that nothing is shifted.
"""

from ultraseg.models._fcn import fcn


def FCN8s(input_shape, classes, *, weights: str | None = None, width=64, dropout=0.5, at_once=False):
    """Build an FCN-8s.

    Args:
        input_shape: `(height, width, channels)`; a side may be None, and any size will do.
        classes: channels of the output.
        weights: None draws them; `imagenet` fetches Keras' VGG16 with its top once; the path of an `.h5` file of that
            network takes it. With weights, pixels must be in [0, 1], and the width 64.
        width: channels of VGG16's first block; the others keep their ratios to it.
        dropout: share of whole channels dropped after either dense layer, in [0, 1).
        at_once: scale the poolings by 0.01 and 0.0001 before they are scored, so that all three strides train
            together, where the authors otherwise go from FCN-32s by FCN-16s to this.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision; all zero before training.

    Raises:
        ValueError: an option is out of its range, or the weights cannot be had or do not fit.
    """
    return fcn("FCN8s", input_shape, classes, 2, weights=weights, width=width, dropout=dropout, at_once=at_once)
