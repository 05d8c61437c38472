"""Costs by hand: parameters that train and others, multiply-adds of every kind of convolution."""

import keras
import pytest
from keras import layers

from ultraseg import cost
from ultraseg.layers import FusedBatchNormalization


def model_of(*stack, shape=(8, 6, 3)):
    image = keras.Input(shape)
    features = image
    for layer in stack:
        features = layer(features)
    return keras.Model(image, features)


def test_parameters_by_hand():
    frozen = layers.Conv2D(2, 1, trainable=False)
    model = model_of(layers.Conv2D(4, 3), layers.BatchNormalization(), frozen)
    # 9 * 3 * 4 + 4, gamma and beta; mean and variance, 4 * 2 + 2
    assert cost.parameters(model) == (9 * 3 * 4 + 4 + 8, 8 + 4 * 2 + 2)


def test_momentum_is_that_of_the_slowest_batch_norm_that_trains():
    slow, frozen = layers.BatchNormalization(momentum=0.95), layers.BatchNormalization(momentum=0.99, trainable=False)
    inner = model_of(layers.BatchNormalization(momentum=0.9), slow)
    assert cost.momentum(model_of(inner, frozen)) == 0.95
    inner.trainable = False
    assert cost.momentum(model_of(inner)) is None
    assert cost.momentum(model_of(layers.Conv2D(1, 1))) is None
    assert cost.momentum(model_of(FusedBatchNormalization(momentum=0.8))) == 0.8


@pytest.mark.parametrize(
    ("layer", "by_hand"),
    [
        (layers.Conv2D(5, 3, padding="same", use_bias=False), 8 * 6 * 9 * 3 * 5),
        (layers.Conv2D(5, 3, padding="same", dilation_rate=2, use_bias=False), 8 * 6 * 9 * 3 * 5),
        (layers.Conv2D(5, 3, strides=2, padding="same", use_bias=False), 4 * 3 * 9 * 3 * 5),
        (layers.DepthwiseConv2D(3, padding="same", use_bias=False), 8 * 6 * 9 * 3),
        (layers.Conv2DTranspose(5, 2, strides=2, use_bias=False), 8 * 6 * 4 * 3 * 5),
    ],
)
def test_multiply_adds_by_hand(layer, by_hand):
    assert cost.multiply_adds(model_of(layer), (8, 6, 3)) == by_hand


def test_any_size_is_counted_at_the_size_asked_for():
    model = model_of(layers.Conv2D(2, 1, use_bias=False), shape=(None, None, 3))
    assert cost.multiply_adds(model, (4, 5, 3)) == 4 * 5 * 3 * 2


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match="counted on the TensorFlow backend, not on jax"):
        cost.multiply_adds(model_of(layers.Conv2D(1, 1)), (8, 6, 3))
