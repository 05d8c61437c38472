"""Networks of keras.applications as encoders: their names, draws, precision, and the graph that they join."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.encoders.keras_networks import encoded, relative
from ultraseg.encoders import ConvNeXtTiny, EfficientNetV2B0, MobileNetV3Large
from ultraseg.encoders._applications import _lasting, _layout
from ultraseg.layers import pad_to_stride

PICTURES = np.random.default_rng(0).random((2, 32, 64, 3), np.float32)


def test_only_names_that_keras_counts_are_counted_anew():
    counted = {}
    names = [("add_7", "Add"), ("re_lu_3", "ReLU"), ("relu", "Activation"), ("conv_1", "Conv2D"), ("add", "Add")]
    assert [_lasting(*name, counted) for name in names] == ["add", "re_lu", "relu", "conv_1", "add_1"]


@pytest.mark.parametrize("encoder", [MobileNetV3Large, ConvNeXtTiny])
def test_names_do_not_tell_what_was_built_before(encoder):
    first, second = (encoded(encoder, depth=3) for _ in range(2))
    names = [[operation.name for operation in model.operations[1:]] for model in (first, second)]
    assert names[0] == names[1] and all(name.startswith("encoder-") for name in names[0])
    assert len(set(names[0])) == len(names[0])


def test_weights_are_drawn_anew_and_by_the_seed():
    draws = []
    _layout.cache_clear()  # the first build of a process looks the network over, which must not count
    for seed in (1, 1, None):
        if seed:
            keras.utils.set_random_seed(seed)
        draws.append(encoded(MobileNetV3Large, depth=2).get_weights()[0])
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.allclose(draws[0], draws[2])


@pytest.mark.parametrize("policy", ["mixed_float16", "float64", "float32"])
@pytest.mark.parametrize("encoder", [MobileNetV3Large, ConvNeXtTiny])
def test_precision_is_that_of_the_moment_and_not_of_the_first_build(encoder, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    model = encoded(encoder, depth=2)
    keras.config.set_dtype_policy(before)
    maps = model(PICTURES)
    assert maps[2].dtype == policy.removeprefix("mixed_")
    assert np.isfinite(keras.ops.convert_to_numpy(maps[2])).all()


def test_an_encoder_within_a_graph_survives_a_file(tmp_path):
    image = keras.Input((None, None, 1), name="image")
    padded = pad_to_stride(image, 4)
    maps = MobileNetV3Large(padded, depth=2, frozen_until=1)
    model = keras.Model(image, maps)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    picture = PICTURES[:, :30, :61, :1]
    for one, other in zip(model(picture), again(picture), strict=True):
        np.testing.assert_array_equal(one, other)
    assert maps[2].shape == (None, None, None, 24) and model(picture)[2].shape == (2, 8, 16, 24)
    assert model.get_layer("encoder-expanded_conv_add").output is maps[1]
    assert [weight.path for weight in again.trainable_weights] == [weight.path for weight in model.trainable_weights]


@pytest.mark.parametrize("channels", [2, 5])
def test_learnt_kernels_are_repeated_for_other_numbers_of_channels(channels, tmp_path):
    whole = keras.applications.MobileNetV3Large(include_top=False, weights=None, input_shape=(None, None, 3))
    whole.save_weights(tmp_path / "drawn.weights.h5")
    options = {"depth": 1, "weights": tmp_path / "drawn.weights.h5"}
    repeated = np.repeat(PICTURES[..., :1], channels, axis=-1)
    found = encoded(MobileNetV3Large, channels, **options)(repeated)[1]
    kernel = whole.get_layer("conv").get_weights()[0]
    share = np.bincount(np.arange(channels) % 3, minlength=3) * 3 / channels
    whole.get_layer("conv").set_weights([kernel * share[:, None]])
    whole.save_weights(tmp_path / "drawn.weights.h5")
    wanted = encoded(MobileNetV3Large, 3, **options)(np.repeat(PICTURES[..., :1], 3, axis=-1))[1]
    assert relative(found, wanted) < 1e-5


def test_blocks_are_dropped_at_random_in_training_alone():
    model = encoded(EfficientNetV2B0, depth=3)
    still = [keras.ops.convert_to_numpy(model(PICTURES, training=False)[3]) for _ in range(2)]
    np.testing.assert_array_equal(*still)
    drops = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert drops and all(layer.seed is None for layer in drops)
    moved = [keras.ops.convert_to_numpy(drops[-1](np.ones((64, 1, 1, 1)), training=True)) for _ in range(2)]
    assert not np.array_equal(*moved)


@pytest.mark.slow
def test_a_fresh_process_loads_keras_own_layers_without_being_told_of_them(tmp_path):
    encoded(ConvNeXtTiny, depth=2).save(tmp_path / "model.keras")
    code = (
        f"import keras, ultraseg.layers; print(len(keras.saving.load_model({str(tmp_path / 'model.keras')!r}).weights))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 4 + 3 * 9
