"""Fused batch norm: Keras' own is the reference for values, gradients, averages, files; and where it gives way."""

import keras
import numpy as np
import pytest

from ultraseg import kernels
from ultraseg.layers import FusedBatchNormalization

SHAPE = (5, 6, 7)


def pair(policy="float32", **options):
    """The layer and Keras' own with the same drawn weights, each as a model."""
    generator = np.random.default_rng(0)
    weights = [generator.uniform(0.5, 2, SHAPE[-1]) for _ in range(4)]
    models = []
    for kind in (FusedBatchNormalization, keras.layers.BatchNormalization):
        image = keras.Input(SHAPE)
        models.append(keras.Model(image, kind(name="norm", dtype=policy, **options)(image)))
        models[-1].set_weights(weights[: len(models[-1].get_weights())])
    return models


def images(count=3):
    return np.random.default_rng(1).normal(2, 3, (count, *SHAPE)).astype(np.float32)


def close(one, other, atol=2e-6):
    return np.allclose(*(keras.ops.convert_to_numpy(each).astype("float64") for each in (one, other)), 1e-5, atol)


def test_by_hand():
    layer = FusedBatchNormalization(momentum=0.9, epsilon=1.0)
    layer.build((None, 2, 1, 1))
    found = layer(np.array([1.0, 5.0], np.float32).reshape(1, 2, 1, 1), training=True)
    # mean 3, mean square 4: (1 - 3) / sqrt(4 + 1); averages 0.1 * 3 and 0.9 + 0.1 * 4
    assert close(found, np.array([-2, 2]).reshape(1, 2, 1, 1) / 5**0.5)
    assert close(layer.moving_mean, [0.3]) and close(layer.moving_variance, [1.3])


@pytest.mark.parametrize("training", [False, True])
def test_values_and_averages_are_keras_own(training):
    ours, theirs = pair(momentum=0.9, epsilon=1e-5)
    for _ in range(2):
        assert close(ours(images(), training=training), theirs(images(), training=training))
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert close(mine, other)


@pytest.mark.parametrize("frozen", [False, True])
def test_it_learns_what_keras_own_learns(frozen):
    ours, theirs = pair()
    wanted = np.random.default_rng(2).normal(size=(3, *SHAPE)).astype(np.float32)
    for model in (ours, theirs):
        model.get_layer("norm").trainable = not frozen
        last = keras.Sequential([model, keras.layers.Conv2D(7, 1, kernel_initializer="ones")])
        last.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=False)
        for _ in range(3):
            last.train_on_batch(images(), wanted)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert close(mine, other, 1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="asks TensorFlow for a gradient")
@pytest.mark.parametrize("training", [False, True])
def test_the_gradient_to_the_features(training):
    import tensorflow as tf

    weigh = np.random.default_rng(3).normal(size=(3, *SHAPE)).astype(np.float32)
    found = []
    for model in pair():
        features = tf.constant(images())
        with tf.GradientTape() as tape:
            tape.watch(features)
            value = tf.reduce_sum(model(features, training=training) * weigh)
        found.append(tape.gradient(value, features))
    assert close(*found, 1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("training", [False, True])
def test_half_precision_is_as_near_as_keras_own(policy, training):
    exact, _ = pair()
    ours, theirs = pair(policy)
    truth, mine, other = (
        keras.ops.convert_to_numpy(model(images(), training=training)).astype("float64")
        for model in (exact, ours, theirs)
    )
    assert np.abs(mine - truth).max() <= 2 * np.abs(other - truth).max() + 1e-3
    assert keras.backend.standardize_dtype(ours(images()).dtype) == policy.removeprefix("mixed_")


@pytest.mark.parametrize(
    "options", [{"dtype": "float64"}, {"axis": 1}, {"scale": False}, {"center": False}, {"renorm": True}]
)
def test_what_the_operation_lacks_goes_keras_own_way(options, monkeypatch):
    monkeypatch.setattr(kernels, "batch_norm", None)
    monkeypatch.setattr(kernels, "batch_norm_by", None)
    for training in (False, True):
        found, wanted = (
            kind(**options)(images(), training=training)
            for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)
        )
        assert close(found, wanted, 0)


def test_any_size_and_a_file(tmp_path):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, FusedBatchNormalization(momentum=0.8, name="norm")(image))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again.get_layer("norm")) is FusedBatchNormalization
    assert again.get_layer("norm").get_config() == model.get_layer("norm").get_config()
    assert keras.ops.shape(again(np.ones((1, 3, 4, 2), np.float32), training=True)) == (1, 3, 4, 2)
