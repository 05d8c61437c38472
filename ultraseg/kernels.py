"""Operations that a backend has ready made and that keras.ops would put together from slower ones.

Source: TensorFlow's FusedBatchNormV3, which oneDNN and cuDNN compute in two passes over the features; Keras' own layer
takes a dozen operations there, each a pass, and its gradient more. Other backends fuse by themselves.
"""

import keras
from keras import ops

HALF = ("float16", "bfloat16")


def fuses_batch_norm(features) -> bool:
    """Whether the backend has batch norm in one operation for such features.

    Args:
        features: any tensor.

    Returns:
        True on TensorFlow for `[batch, height, width, channels]` in single or half precision.
    """
    ready = len(features.shape) == 4 and keras.backend.standardize_dtype(features.dtype) in ("float32", *HALF)
    return ready and keras.backend.backend() == "tensorflow"


def batch_norm(features, gamma, beta, epsilon):
    """Normalize by the mean and the variance over batch, height and width.

    Args:
        features: `[batch, height, width, channels]`, such that `fuses_batch_norm`.
        gamma: factor of each channel, float32.
        beta: summand of each channel, float32.
        epsilon: what is added to the variance.

    Returns:
        The normalized features, their mean and their variance, float32: the mean square, not divided by one less.
    """
    import tensorflow as tf

    none = tf.zeros([0])
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=features, scale=gamma, offset=beta, mean=none, variance=none, epsilon=epsilon, is_training=True
    )
    count = ops.cast(ops.prod(ops.shape(features)[:3]), "float32")
    return outputs, mean, variance * (ops.maximum(count - 1, 1) / count)


def batch_norm_by(features, gamma, beta, mean, variance, epsilon):
    """Normalize by a given mean and variance.

    Args:
        features: `[batch, height, width, channels]`, such that `fuses_batch_norm`.
        gamma: factor of each channel, float32.
        beta: summand of each channel, float32.
        mean: of each channel, float32.
        variance: of each channel, float32.
        epsilon: what is added to the variance.

    Returns:
        The normalized features.
    """
    import tensorflow as tf

    return tf.raw_ops.FusedBatchNormV3(
        x=features, scale=gamma, offset=beta, mean=mean, variance=variance, epsilon=epsilon, is_training=False
    )[0]
