"""The direct convolution: Keras' own is the reference for values, gradients and files; and where it gives way."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg import kernels
from ultraseg.layers import DirectConv2D

TENSORFLOW = keras.backend.backend() == "tensorflow"
DIRECT = {
    "pixels": {"filters": 40, "kernel_size": 1},
    "pixels with bias": {"filters": 32, "kernel_size": 1, "activation": "tanh", "padding": "same"},
    "dilated": {"filters": 3, "kernel_size": 3, "padding": "same", "dilation_rate": 2, "use_bias": False},
    "dilated apart": {"filters": 33, "kernel_size": 3, "padding": "same", "dilation_rate": (3, 2)},
}
INDIRECT = {
    "few": {"filters": 31, "kernel_size": 1},
    "strided": {"filters": 40, "kernel_size": 1, "strides": 2},
    "whole": {"filters": 40, "kernel_size": 3},
    "cut short": {"filters": 3, "kernel_size": 3, "dilation_rate": 2},
    "in groups": {"filters": 80, "kernel_size": 1, "groups": 2},
}


def pair(shape=(7, 9, 40), policy="float32", **options):
    """The layer and Keras' own with the same drawn weights, each as a model."""
    image = keras.Input(shape, dtype="float32" if "mixed" in policy else policy)
    ours, theirs = (
        keras.Model(image, kind(name="conv", dtype=policy, **options)(image)) for kind in (DirectConv2D, layers.Conv2D)
    )
    generator = np.random.default_rng(1)
    ours.set_weights([generator.normal(size=weight.shape) for weight in ours.get_weights()])
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def images(*size, channels=40):
    return np.random.default_rng(0).normal(size=(2, *(size or (7, 9)), channels)).astype(np.float32)


def test_by_hand():
    layer = DirectConv2D(1, 3, padding="same", dilation_rate=2, use_bias=False)
    layer.build((None, 5, 5, 1))
    layer.set_weights([np.arange(1.0, 10).reshape(3, 3, 1, 1)])
    found = keras.ops.convert_to_numpy(layer(np.arange(25.0, dtype=np.float32).reshape(1, 5, 5, 1)))
    # the corner sees itself by the middle tap, two to the right, two below, and both
    assert found[0, 0, 0, 0] == 5 * 0 + 6 * 2 + 8 * 10 + 9 * 12


@pytest.mark.parametrize("options", [*DIRECT.values(), *INDIRECT.values()], ids=[*DIRECT, *INDIRECT])
@pytest.mark.parametrize("shape", [(7, 9, 40), (None, None, 40)])
def test_the_same_function_as_kerass(options, shape):
    ours, theirs = pair(shape, **options)
    assert ours.output_shape == theirs.output_shape
    np.testing.assert_allclose(ours.predict_on_batch(images()), theirs.predict_on_batch(images()), 1e-5, 1e-4)


@pytest.mark.skipif(not TENSORFLOW, reason="asks TensorFlow for a gradient")
@pytest.mark.parametrize("options", DIRECT.values(), ids=DIRECT)
@pytest.mark.parametrize("policy", ["float32", "float64"])
@pytest.mark.parametrize("compiled", [False, True])
def test_the_gradients_are_kerass(options, policy, compiled):
    import tensorflow as tf

    found = []
    for model in pair(policy=policy, **options):

        def gradients(features, model=model):
            with tf.GradientTape() as tape:
                tape.watch(features)
                value = tf.reduce_sum(tf.sin(model(features)))
            return tape.gradient(value, [features, *model.trainable_variables])

        found.append((tf.function(gradients) if compiled else gradients)(tf.constant(images(), policy)))
    for mine, other in zip(*found, strict=True):
        assert np.abs(mine - other).max() <= (1e-4 if policy == "float32" else 1e-11)


@pytest.mark.parametrize("options", DIRECT.values(), ids=DIRECT)
def test_it_learns_the_same_in_half_precision(options):
    changes = []
    for model in pair(policy="mixed_float16", **options):
        before = model.get_weights()
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        for _ in range(2):
            model.train_on_batch(images(), np.zeros((2, *model.output_shape[1:]), np.float32))
        changes.append([new - old for new, old in zip(model.get_weights(), before, strict=True)])
    for mine, other in zip(*changes, strict=True):
        assert np.abs(mine - other).max() <= 2e-2 * np.abs(other).max()


@pytest.mark.parametrize("options", INDIRECT.values(), ids=INDIRECT)
def test_other_convolutions_go_keras_own_way(options, monkeypatch):
    monkeypatch.setattr(kernels, "convolve_pixels", None)
    monkeypatch.setattr(kernels, "convolve_dilated", None)
    DirectConv2D(**options)(images())


@pytest.mark.skipif(not TENSORFLOW, reason="exports by TensorFlow")
@pytest.mark.parametrize("options", DIRECT.values(), ids=DIRECT)
def test_a_file_and_a_saved_model(options, tmp_path):
    import tensorflow as tf

    model, _ = pair((None, None, 40), **options)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again.get_layer("conv")) is DirectConv2D
    assert again.get_layer("conv").get_config() == model.get_layer("conv").get_config()
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(tmp_path / "served")
    np.testing.assert_allclose(served.serve(images(5, 4)), model.predict_on_batch(images(5, 4)), 1e-5, 1e-5)
