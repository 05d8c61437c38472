"""Convolutions whose taps stand apart: by hand, by Keras' own, at rates beyond the map, at sizes not known."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.layers import AtrousConv2D, AtrousDepthwiseConv2D

SIZES = [(7, 9), (4, 12), (12, 5), (1, 1)]
RATES = [1, 3, 5, 40]


def kind(depthwise, rate, **options):
    return AtrousDepthwiseConv2D(rate, **options) if depthwise else AtrousConv2D(4, rate, **options)


def pair(depthwise, rate, shape=(None, None, 3), **options):
    """Ours and Keras' own, of the same weights."""
    image = keras.Input(shape)
    common = {"padding": "same", "dilation_rate": rate, **options}
    keras_own = layers.DepthwiseConv2D(3, **common) if depthwise else layers.Conv2D(4, 3, **common)
    ours, theirs = keras.Model(image, kind(depthwise, rate, **options)(image)), keras.Model(image, keras_own(image))
    generator = np.random.default_rng(1)
    ours.set_weights([generator.normal(size=weight.shape) for weight in ours.get_weights()])
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def test_by_hand():
    # taps 1..9 two pixels apart around the middle of 4x3 pixels: from row 1 only rows 1 and 3 exist, column 1 alone
    image = np.arange(12.0, dtype=np.float32).reshape(1, 4, 3, 1)
    for layer in (AtrousConv2D(1, 2, use_bias=False), AtrousDepthwiseConv2D(2, use_bias=False)):
        layer.build(image.shape)
        layer.set_weights([np.arange(1.0, 10).reshape(3, 3, 1, 1)])
        found = keras.ops.convert_to_numpy(layer(image))[0, :, :, 0]
        assert found[1, 1] == 5 * 4 + 8 * 10
        # the corner sees itself, two to the right, two below, and both
        assert found[0, 0] == 5 * 0 + 6 * 2 + 8 * 6 + 9 * 8


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("size", SIZES)
def test_the_same_function_as_kerass(depthwise, rate, size):
    images = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    for shape in ((None, None, 3), (*size, 3)):
        ours, theirs = pair(depthwise, rate, shape)
        assert ours.output_shape == theirs.output_shape
        np.testing.assert_allclose(ours.predict_on_batch(images), theirs.predict_on_batch(images), atol=1e-5)


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("rate", [2, 6])
def test_it_learns_the_same(depthwise, rate):
    images = np.random.default_rng(0).normal(size=(2, 9, 5, 3)).astype(np.float32)
    models = pair(depthwise, rate, (9, 5, 3), activation="tanh")
    for model in models:
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        for _ in range(3):
            model.train_on_batch(images, np.zeros(model.compute_output_shape(images.shape)))
    for ours, theirs in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("depthwise", [False, True])
def test_a_file(depthwise, tmp_path):
    model, _ = pair(depthwise, 3, use_bias=False, name="atrous")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("atrous").get_config() == model.get_layer("atrous").get_config()
    images = np.random.default_rng(0).normal(size=(1, 8, 6, 3)).astype(np.float32)
    np.testing.assert_array_equal(again.predict_on_batch(images), model.predict_on_batch(images))


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "mixed_float16", "mixed_bfloat16"])
def test_precision(depthwise, dtype):
    layer = kind(depthwise, 2, dtype=dtype)
    assert layer(np.ones((1, 6, 6, 3))).dtype == dtype.split("_")[-1]


@pytest.mark.parametrize("rate", [1, 2])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_as_near_as_keras_own(policy, rate):
    image = keras.Input((8, 6, 40))
    exact, ours, theirs = (
        keras.Model(image, layer(image))
        for layer in (
            keras.layers.Conv2D(4, 3, padding="same", dilation_rate=rate),
            AtrousConv2D(4, rate, dtype=policy),
            keras.layers.Conv2D(4, 3, padding="same", dilation_rate=rate, dtype=policy),
        )
    )
    for model in (ours, theirs):
        model.set_weights(exact.get_weights())
    images = np.random.default_rng(0).normal(size=(2, 8, 6, 40)).astype(np.float32)
    truth, mine, other = (model.predict_on_batch(images).astype(np.float32) for model in (exact, ours, theirs))
    assert np.abs(mine - truth).max() <= 1.2 * np.abs(other - truth).max()


@pytest.mark.parametrize("depthwise", [False, True])
def test_no_rate_is_refused(depthwise):
    with pytest.raises(ValueError, match=r"Atrous.*Conv2D: rate must be at least 1, got 0"):
        kind(depthwise, 0)
