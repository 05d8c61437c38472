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


def convolve_pixels(features, kernel):
    """Convolve by a kernel of 1x1 whose gradient is one product, twice as fast as TensorFlow's convolution for it.

    Args:
        features: `[batch, height, width, channels]`, TensorFlow's.
        kernel: `[1, 1, channels, filters]`.

    Returns:
        `[batch, height, width, filters]`.
    """
    import tensorflow as tf

    @tf.custom_gradient
    def convolve(features, kernel):
        def gradient(above):
            below = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(features), filter=kernel, out_backprop=above, strides=[1] * 4, padding="VALID"
            )
            columns = (tf.reshape(each, (-1, each.shape[-1])) for each in (features, above))
            return below, tf.reshape(tf.matmul(*columns, transpose_a=True), kernel.shape)

        return tf.nn.conv2d(features, kernel, 1, "VALID"), gradient

    return convolve(features, tf.convert_to_tensor(kernel))


def convolve_dilated(features, kernel, rates):
    """Convolve with taps that stand apart, without cutting the map into small ones; only the gradient is taken so.

    Args:
        features: `[batch, height, width, channels]`, TensorFlow's.
        kernel: `[rows, columns, channels, filters]`.
        rates: distances between the taps along rows and columns.

    Returns:
        `[batch, height, width, filters]`.
    """
    import tensorflow as tf

    @tf.custom_gradient
    def convolve(features, kernel):
        def gradient(above):
            with tf.GradientTape() as tape:
                tape.watch([features, kernel])
                cut = tf.nn.convolution(features, kernel, 1, "SAME", dilations=rates)
            return tape.gradient(cut, [features, kernel], above)

        return tf.nn.conv2d(features, kernel, 1, "SAME", dilations=rates), gradient

    return convolve(features, tf.convert_to_tensor(kernel))


def steps_at_once(variable) -> bool:
    """Whether the backend takes an optimizer's step in one operation.

    Args:
        variable: what the optimizer is given to change.

    Returns:
        True for a variable of TensorFlow that stands on one device.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(variable, tf.Variable) and hasattr(variable, "handle") and not tf.distribute.has_strategy()


def momentum_step(variable, momentums, gradient, *, rate, momentum, nesterov):
    """Take a step of gradient descent with momentum.

    Args:
        variable: to be changed, such that `steps_at_once`.
        momentums: Keras variable of the same shape, changed too.
        gradient: of the same shape.
        rate: length of the step.
        momentum: share of the last step carried on.
        nesterov: look ahead along the momentum.
    """
    import tensorflow as tf

    tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable.handle,
        accum=momentums.value.handle,
        lr=tf.cast(rate, variable.dtype),
        grad=tf.cast(gradient, variable.dtype),
        momentum=tf.cast(momentum, variable.dtype),
        use_nesterov=nesterov,
    )


def adam_step(variable, means, squares, gradient, *, rate, beta_1, beta_2, epsilon, step):
    """Take a step of Adam.

    Args:
        variable: to be changed, such that `steps_at_once`.
        means: Keras variable of the same shape, the mean gradient, changed too.
        squares: Keras variable of the same shape, the mean squared gradient, changed too.
        gradient: of the same shape.
        rate: length of the step.
        beta_1: memory of the mean gradient.
        beta_2: memory of the mean squared gradient.
        epsilon: floor of the root mean square.
        step: the number of this step, from 1.
    """
    import tensorflow as tf

    numbers = (beta_1, beta_2, epsilon, rate, step)
    beta_1, beta_2, epsilon, rate, step = (tf.cast(each, variable.dtype) for each in numbers)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=means.value.handle,
        v=squares.value.handle,
        beta1_power=beta_1**step,
        beta2_power=beta_2**step,
        lr=rate,
        beta1=beta_1,
        beta2=beta_2,
        epsilon=epsilon,
        grad=tf.cast(gradient, variable.dtype),
    )
