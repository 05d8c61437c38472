"""WideConvolution2D: Keras' own convolution to the last digit, its gradient too, on maps smaller and larger than it."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.layers import WideConvolution2D


@pytest.fixture(autouse=True)
def exactly():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_dtype_policy(before)


def pair(size, shape, filters=3):
    """A wide convolution, and Keras' with the same weights."""
    rng = np.random.default_rng(0)
    wide, whole = WideConvolution2D(filters, size), layers.Conv2D(filters, size, padding="same")
    for layer in (wide, whole):
        layer.build(shape)
    kernel, bias = rng.normal(size=(size, size, shape[-1], filters)), rng.normal(size=filters)
    whole.set_weights([kernel, bias])
    wide.set_weights([*np.split(kernel, range(29, size, 29)), bias])
    return wide, whole


@pytest.mark.parametrize("size", [1, 13, 29, 31, 87])
@pytest.mark.parametrize("sides", [(1, 1), (7, 7), (5, 40), (50, 3)])
def test_it_is_the_convolution(size, sides):
    wide, whole = pair(size, (None, *sides, 2))
    maps = np.random.default_rng(1).normal(size=(2, *sides, 2))
    expected = keras.ops.convert_to_numpy(whole(maps))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(wide(maps)), expected, rtol=1e-9, atol=1e-9)
    image = keras.Input((None, None, 2), dtype="float64")
    free = keras.Model(image, wide(image)).predict(maps, verbose=0)
    np.testing.assert_allclose(free, expected, atol=1e-4)  # `predict` hands over maps in single precision


def test_report_004s_size():
    wide, whole = pair(435, (None, 7, 7, 2), filters=1)
    assert [slab.shape[0] for slab in wide.slabs] == [29] * 15
    maps = np.random.default_rng(1).normal(size=(1, 7, 7, 2))
    np.testing.assert_allclose(wide(maps), whole(maps), rtol=1e-9, atol=1e-9)


def test_one_step_moves_both_alike_and_what_meets_zeros_not_at_all():
    wide, whole = pair(31, (None, 4, 6, 2))
    maps = np.random.default_rng(1).normal(size=(2, 4, 6, 2))
    truth = np.zeros((2, 4, 6, 3))
    before = whole.get_weights()[0]
    moved = []
    for layer in (wide, whole):
        image = keras.Input((None, None, 2), dtype="float64")
        model = keras.Model(image, layer(image))
        model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=False)
        model.train_on_batch(maps, truth)
        moved.append(np.concatenate([weight for weight in layer.get_weights() if weight.ndim == 4]) - before)
    np.testing.assert_allclose(moved[0], moved[1], atol=1e-12)
    live = np.zeros((31, 31), bool)
    live[15 - 3 : 15 + 4, 15 - 5 : 15 + 6] = True
    assert not moved[0][~live].any() and moved[0][live].any(axis=(1, 2)).all()


def test_it_is_drawn_as_the_listing_draws_it():
    keras.utils.set_random_seed(0)
    layer = WideConvolution2D(3, 59)
    layer.build((None, 7, 7, 16))
    fan_in = 59 * 59 * 16
    first, last = (keras.ops.convert_to_numpy(slab) for slab in (layer.slabs[0], layer.slabs[2]))
    assert first.shape == (29, 59, 16, 3) and last.shape == (1, 59, 16, 3)
    assert first.std() == pytest.approx((2 / fan_in) ** 0.5, rel=0.01)
    assert abs(np.corrcoef(first.ravel(), keras.ops.convert_to_numpy(layer.slabs[1]).ravel())[0, 1]) < 0.02
    assert np.abs(layer.get_weights()[-1]).max() < fan_in**-0.5


@pytest.mark.parametrize(("filters", "size"), [(0, 3), (1, 4), (1, 0), (1, -1)])
def test_what_cannot_be_is_refused(filters, size):
    with pytest.raises(ValueError, match="size odd and at least 1"):
        WideConvolution2D(filters, size)
