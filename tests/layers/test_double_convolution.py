"""The double convolution: its weights by hand, and what padding, batch norm and dropout change."""

import keras
import numpy as np
import pytest

from ultraseg.layers import double_convolution


def block(width=4, channels=3, **options):
    image = keras.Input((12, 10, channels))
    return keras.Model(image, double_convolution(image, width, name="block", **options))


def test_parameters_by_hand():
    # 3x3 kernels from 3 to 4 and from 4 to 4 channels, with biases; batch norm: 4 numbers a channel, no biases
    assert block().count_params() == (9 * 3 * 4 + 4) + (9 * 4 * 4 + 4) == 260
    assert block(batch_norm=True).count_params() == 9 * 3 * 4 + 9 * 4 * 4 + 2 * 4 * 4 == 284
    assert block(width=(6, 2)).count_params() == (9 * 3 * 6 + 6) + (9 * 6 * 2 + 2)


@pytest.mark.parametrize(("padding", "shape"), [("same", (12, 10, 4)), ("valid", (8, 6, 4))])
def test_padding(padding, shape):
    assert block(padding=padding).output_shape[1:] == shape


def test_by_hand_on_ones():
    # kernels of ones on an image of ones: 9 inside and 4 in the corner; then 4 + 6 + 6 + 9 = 25 there
    model = block(width=1, channels=1)
    model.set_weights([np.ones_like(weight) if weight.ndim == 4 else weight for weight in model.get_weights()])
    out = model.predict_on_batch(np.ones((1, 12, 10, 1)))[0, ..., 0]
    assert out[0, 0] == 25 and out[5, 5] == 81


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_last_thing_is_a_relu(batch_norm):
    images = np.random.default_rng(0).normal(size=(2, 12, 10, 3))
    out = block(batch_norm=batch_norm).predict_on_batch(images)
    assert out.min() == 0 and out.max() > 0


def test_dropout_takes_whole_channels_in_training_alone():
    model = block(width=16, dropout=0.5)
    images = np.random.default_rng(0).normal(size=(1, 12, 10, 3)).astype(np.float32)
    dropped = keras.Model(model.input, model.get_layer("block_conv1_drop").output)
    gone = np.asarray(dropped(images, training=True))[0].max((0, 1)) == 0
    assert 2 <= gone.sum() <= 14
    np.testing.assert_array_equal(model(images, training=False), model(images, training=False))


def test_kernels_are_drawn_by_the_initializer_and_biases_are_0():
    kernel, bias, *_ = block(width=64, channels=32, initializer="he_normal").get_weights()
    assert kernel.std() == pytest.approx((2 / (9 * 32)) ** 0.5, rel=0.05) and not bias.any()
    kernel, *_ = block(width=64, channels=32, initializer="glorot_uniform").get_weights()
    assert np.abs(kernel).max() == pytest.approx((6 / (9 * (32 + 64))) ** 0.5, rel=0.02)
