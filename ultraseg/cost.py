"""What a model costs: parameters, steps until it settles, and multiply-adds as TensorFlow's own profiler counts them.

Source: `tf.compat.v1.profiler`, which knows the floating-point operations of most kernels.
Departure: half of what it counts, since it counts a multiplication and an addition as two.
"""

import math

import keras


def parameters(model) -> tuple[int, int]:
    """Count a model's parameters.

    Args:
        model: a built `keras.Model`.

    Returns:
        Those that training changes, and the others: statistics of batch norms and frozen weights.
    """
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_weights)
    return trainable, sum(math.prod(variable.shape) for variable in model.non_trainable_weights)


def momentum(model) -> float | None:
    """What a training step leaves of a model's running averages, which take long to follow where that is much.

    Args:
        model: a built `keras.Model`.

    Returns:
        The largest momentum of its batch norms, frozen ones apart; None without any.
    """
    norms = (layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization))
    return max((layer.momentum for layer in norms if layer.trainable), default=None)


def multiply_adds(model, shape: tuple[int, int, int]) -> int:
    """Count the multiply-adds of a forward pass over one image, in inference mode.

    Args:
        model: a `keras.Model` of one input, on the TensorFlow backend.
        shape: `(height, width, channels)` of the image.

    Returns:
        Half the floating-point operations of the graph as it runs here: convolutions, matrix products (those that
        resample too) and element-wise ones; fused batch norms are not counted, nor what a layer saves by computing
        the same function in fewer.

    Raises:
        ValueError: the backend is another.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(f"cost: multiply-adds are counted on the TensorFlow backend, not on {keras.backend.backend()}")
    import tensorflow as tf

    dtype = model.inputs[0].dtype
    step = tf.function(lambda image: model(image, training=False), jit_compile=False)
    graph = step.get_concrete_function(tf.TensorSpec((1, *shape), dtype)).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops // 2
