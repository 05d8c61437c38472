"""The convolved upsampling: by hand, and the same function as Keras' own two layers, gradients and files too."""

import keras
import numpy as np
import pytest

from ultraseg.layers import ConvolvedUpSampling2D


def pair(shape, filters, policy="float32"):
    """The layer, and Keras' two layers with its weights."""
    image = keras.Input(shape)
    ours = keras.Model(image, ConvolvedUpSampling2D(filters, dtype=policy)(image))
    large = keras.layers.UpSampling2D(2, dtype=policy)(image)
    theirs = keras.Model(image, keras.layers.Conv2D(filters, 2, padding="same", dtype=policy)(large))
    generator = np.random.default_rng(0)
    ours.set_weights([generator.normal(size=weight.shape) for weight in ours.get_weights()])
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def test_by_hand():
    # one pixel of 1 becomes 2x2 ones; the kernel 1 2 / 4 8 looks down and right, where zeros are beyond the border
    layer = ConvolvedUpSampling2D(1)
    layer.build((None, 1, 1, 1))
    layer.set_weights([np.array([[1.0, 2], [4, 8]]).reshape(2, 2, 1, 1), np.array([0.5])])
    found = keras.ops.convert_to_numpy(layer(np.ones((1, 1, 1, 1), np.float32)))
    assert found[0, :, :, 0].tolist() == [[15.5, 5.5], [3.5, 1.5]]


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 2), (4, 4, 1)])
@pytest.mark.parametrize("filters", [1, 6])
def test_the_same_function_as_upsampling_and_convolution(shape, filters):
    ours, theirs = pair(shape, filters)
    assert ours.output_shape == theirs.output_shape
    images = np.random.default_rng(1).normal(size=(2, *shape)).astype(np.float32)
    assert np.allclose(ours.predict_on_batch(images), theirs.predict_on_batch(images), rtol=1e-5, atol=1e-5)


def test_it_learns_the_same():
    ours, theirs = pair((6, 5, 3), 4)
    generator = np.random.default_rng(2)
    images = generator.normal(size=(2, 6, 5, 3)).astype(np.float32)
    wanted = generator.normal(size=(2, 12, 10, 4)).astype(np.float32)
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        for _ in range(3):
            model.train_on_batch(images, wanted)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(mine, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_as_near_as_kerass(policy):
    exact, _ = pair((6, 6, 4), 3)
    ours, theirs = pair((6, 6, 4), 3, policy)
    images = np.random.default_rng(1).normal(size=(2, 6, 6, 4)).astype(np.float32)
    truth, mine, other = (model.predict_on_batch(images).astype(np.float32) for model in (exact, ours, theirs))
    assert np.abs(mine - truth).max() <= 2 * np.abs(other - truth).max() + 1e-3


def test_any_size_and_a_file(tmp_path):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, ConvolvedUpSampling2D(3, name="up")(image))
    assert model.output_shape == (None, None, None, 3)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("up").get_config() == model.get_layer("up").get_config()
    for size in ((3, 4), (8, 2)):
        images = np.random.default_rng(0).normal(size=(1, *size, 2)).astype(np.float32)
        assert np.array_equal(model.predict_on_batch(images), again.predict_on_batch(images))


def test_no_filters_are_refused():
    with pytest.raises(ValueError, match="ConvolvedUpSampling2D: filters must be at least 1, got 0"):
        ConvolvedUpSampling2D(0)
