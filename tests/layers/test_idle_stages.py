"""Idle stages: their weights are the model's, and neither they nor what they hold change a result."""

import keras
import numpy as np
import pytest

from ultraseg.layers import IdleStages


@pytest.fixture
def model():
    """A convolution with 2 weights, and idle ones: 3 of a convolution and 2 + 2 of a batch norm."""
    inner = keras.Input((None, None, 1))
    idle = keras.layers.Conv2D(1, (1, 3), padding="same", use_bias=False, name="idle")(inner)
    idle = keras.layers.BatchNormalization(name="norm")(idle)
    image = keras.Input((None, None, 1))
    features = keras.layers.Conv2D(1, 1, name="used")(image)
    return keras.Model(image, IdleStages(keras.Model(inner, idle), name="beside")(features))


def test_their_weights_are_the_models(model):
    trainable, others = (
        sum(int(np.prod(weight.shape)) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    assert (trainable, others) == (2 + 3 + 2, 2)


def test_they_pass_a_map_on_whatever_they_hold(model):
    image = np.random.default_rng(0).normal(size=(2, 4, 5, 1)).astype(np.float32)
    wanted = keras.Model(model.input, model.get_layer("used").output).predict_on_batch(image)
    np.testing.assert_array_equal(model.predict_on_batch(image), wanted)
    kernel = model.get_layer("beside").stages.get_layer("idle").kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    np.testing.assert_array_equal(model.predict_on_batch(image), wanted)


def test_training_leaves_them_and_warns_of_nothing(model):
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=False)
    before = model.get_weights()
    model.train_on_batch(np.ones((1, 2, 2, 1)), np.zeros((1, 2, 2, 1)))
    changed = [(old != new).any() for old, new in zip(before, model.get_weights(), strict=True)]
    assert changed == [True, True] + [False] * 5


def test_a_file(model, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for found, wanted in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert [weight.path for weight in again.weights] == [weight.path for weight in model.weights]


def test_frozen_stages_stay_frozen(model, tmp_path):
    model.get_layer("beside").stages.trainable = False
    assert len(model.trainable_weights) == 2
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert len(again.trainable_weights) == 2
    image = np.ones((1, 2, 3, 1), np.float32)
    np.testing.assert_array_equal(again.predict_on_batch(image), model.predict_on_batch(image))
