"""Norm and ReLU: by hand, and PyTorch's settings."""

import keras
import numpy as np

from ultraseg.layers import norm_relu


def test_by_hand():
    image = keras.Input((1, 2, 1))
    model = keras.Model(image, norm_relu(image, "norm", "relu"))
    norm = model.get_layer("norm")
    assert (norm.momentum, norm.epsilon, model.layers[-1].name) == (0.9, 1e-5, "relu")
    norm.set_weights([np.array([2.0]), np.array([1.0]), np.array([3.0]), np.array([4.0])])
    # 2 (x - 3) / 2 + 1, and nothing below 0
    assert np.allclose(model(np.array([1.0, 5.0]).reshape(1, 1, 2, 1)), [[[[0], [3]]]], atol=1e-4)
