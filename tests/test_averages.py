"""What is left of a running average's first value, beside Keras' own batch norm."""

import keras
import numpy as np
import pytest

from ultraseg import averages


def test_beside_keras():
    layer = keras.layers.BatchNormalization(momentum=0.99)
    zeros = np.zeros((4, 3), "float32")  # a variance of 0, so that what is left is the first value alone
    for _ in range(90):
        layer(zeros, training=True)
    assert averages.left(0.99, 90) == pytest.approx(float(layer.moving_variance[0]), rel=1e-4)
    assert averages.left(0.99, 90) > averages.LEFT > averages.left(0.9, 90)


def test_no_batch_norm_no_step():
    assert averages.left(None, 10) == 0.0
    assert averages.left(0.99, 0) == 1.0
