"""Pooled group norm: by hand, and Keras' own layer is the reference for values, gradients and files."""

import keras
import numpy as np
import pytest

from ultraseg.layers import PooledGroupNormalization

SHAPE = (5, 3, 8)


def pair(groups, policy="float32", **options):
    """The layer and Keras' own with the same drawn weights, each as a model."""
    models = []
    for kind in (PooledGroupNormalization, keras.layers.GroupNormalization):
        image = keras.Input(SHAPE)
        models.append(keras.Model(image, kind(groups, name="norm", dtype=policy, **options)(image)))
        generator = np.random.default_rng(0)
        models[-1].set_weights([generator.uniform(0.5, 2, weight.shape) for weight in models[-1].get_weights()])
    return models


def images():
    return np.random.default_rng(1).normal(2, 3, (3, *SHAPE)).astype(np.float32)


def test_by_hand():
    layer = PooledGroupNormalization(1, epsilon=1.0)
    # mean 3, mean square 4: (1 - 3) / sqrt(4 + 1)
    found = layer(np.array([1.0, 5.0], np.float32).reshape(1, 1, 1, 2))
    assert np.allclose(found, np.array([-2, 2]) / 5**0.5)


@pytest.mark.parametrize("groups", [1, 2, 8])
@pytest.mark.parametrize("options", [{}, {"axis": 2, "groups": 1}, {"scale": False}, {"center": False}])
def test_values_are_keras_own(groups, options):
    ours, theirs = pair(**{"groups": groups, **options})
    assert np.allclose(ours.predict_on_batch(images()), theirs.predict_on_batch(images()), 1e-5, 1e-5)


def test_it_learns_what_keras_own_learns():
    ours, theirs = pair(4)
    before = [weight.copy() for weight in ours.get_weights()]
    wanted = np.random.default_rng(2).normal(size=(3, *SHAPE)).astype(np.float32)
    kernels = []
    for model in (ours, theirs):
        start = keras.layers.Conv2D(8, 1, kernel_initializer="ones")
        whole = keras.Sequential([keras.Input(SHAPE), start, model])
        whole.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        for _ in range(3):
            whole.train_on_batch(images() * np.arange(8, dtype="float32"), wanted)
        kernels.append(start.get_weights()[0])
    assert not np.allclose(before, ours.get_weights()) and not np.allclose(kernels[0], 1)
    for mine, other in zip([*ours.get_weights(), kernels[0]], [*theirs.get_weights(), kernels[1]], strict=True):
        assert np.allclose(mine, other, 1e-4, 1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_as_near_as_keras_own(policy):
    exact, _ = pair(2)
    ours, theirs = pair(2, policy)
    truth, mine, other = (model.predict_on_batch(images()).astype("float64") for model in (exact, ours, theirs))
    assert np.abs(mine - truth).max() <= 2 * np.abs(other - truth).max() + 1e-3
    assert keras.backend.standardize_dtype(ours(images()).dtype) == policy.removeprefix("mixed_")


def test_any_size_and_a_file(tmp_path):
    image = keras.Input((None, None, 4))
    model = keras.Model(image, PooledGroupNormalization(2, name="norm")(image))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("norm").get_config() == model.get_layer("norm").get_config()
    for sides in ((3, 4), (8, 2)):
        pixels = np.random.default_rng(0).normal(size=(1, *sides, 4)).astype(np.float32)
        assert np.array_equal(model.predict_on_batch(pixels), again.predict_on_batch(pixels))
