"""Kernels: where the backend has them, and their values by hand; the layer's tests hold Keras' own beside them."""

import keras
import numpy as np
import pytest

from ultraseg import kernels

FUSES = keras.backend.backend() == "tensorflow"


@pytest.mark.parametrize(
    ("shape", "dtype", "ready"),
    [
        ((2, 3, 4, 5), "float32", FUSES),
        ((2, 3, 4, 5), "float16", FUSES),
        ((2, 3, 4, 5), "bfloat16", FUSES),
        ((2, 3, 4, 5), "float64", False),
        ((2, 3, 5), "float32", False),
    ],
)
def test_where_batch_norm_is_one_operation(shape, dtype, ready):
    assert kernels.fuses_batch_norm(keras.ops.zeros(shape, dtype)) is ready


@pytest.mark.skipif(not FUSES, reason="other backends fuse by themselves")
def test_batch_norm_by_hand():
    features = keras.ops.convert_to_tensor(np.array([[1, 0], [3, 4]], np.float32).reshape(1, 1, 2, 2))
    outputs, mean, variance = kernels.batch_norm(features, keras.ops.ones(2), keras.ops.zeros(2), 0.0)
    assert np.allclose(outputs, [[[[-1, -1], [1, 1]]]])
    assert np.allclose(mean, [2, 2]) and np.allclose(variance, [1, 4])
    two, four = keras.ops.full((2,), 2.0), keras.ops.full((2,), 4.0)
    assert np.allclose(kernels.batch_norm_by(features, two, four, two, four, 0.0), [[[[3, 2], [5, 6]]]])


@pytest.mark.skipif(not FUSES, reason="other backends fuse by themselves")
def test_a_single_value_varies_by_nothing():
    outputs, mean, variance = kernels.batch_norm(
        keras.ops.full((1, 1, 1, 1), 7.0), keras.ops.ones(1), keras.ops.ones(1), 1e-3
    )
    assert (float(outputs[0, 0, 0, 0]), float(mean[0]), float(variance[0])) == (1, 7, 0)
