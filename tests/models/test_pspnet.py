"""PSPNet: its counts with the stages that never run and without, what they change, and what it refuses."""

import keras
import numpy as np
import pytest

from tests.models.counted import counted, counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import PSPNet

SMALL = {"encoder": tiny, "psp_channels": 6}


@pytest.mark.parametrize(
    ("encoder", "channels", "part", "whole"),
    [
        ("ResNet34", 3, (1_501_217, 4_416), (21_437_985, 18_240)),
        ("ResNet34", 1, (1_494_945, 4_416), (21_431_713, 18_240)),
        ("ResNet50", 3, (2_237_889, 11_904), (24_300_993, 54_912)),
        ("ResNet50", 1, (2_231_617, 11_904), (24_294_721, 54_912)),
    ],
)
def test_published_counts(encoder, channels, part, whole):
    shape = (64, 64, channels)
    assert counts(lambda: PSPNet(shape, 1, encoder=encoder)) == part
    assert counts(lambda: PSPNet(shape, 1, encoder=encoder, whole_encoder=True)) == whole


def test_parameters_by_hand():
    model = PSPNet((16, 16, 1), 2, **SMALL)
    # tiny's map at stride 8 has 12 channels; four branches of 3: one with a bias, three with two numbers a channel
    assert trainable_in(model, "decoder-psp") == 4 * 12 * 3 + 3 + 3 * 2 * 3
    assert trainable_in(model, "decoder-conv") == (12 + 4 * 3) * 6 + 2 * 6
    assert trainable_in(model, "segmentation_head") == 9 * 6 * 2 + 2


def test_a_single_mean_is_not_normalized():
    model = PSPNet((16, 16, 1), 1, sizes=(1, 4), **SMALL)
    assert model.get_layer("decoder-psp-blocks-0-pool-1-0").use_bias
    assert not model.get_layer("decoder-psp-blocks-1-pool-1-0").use_bias
    assert model.get_layer("decoder-psp-blocks-1-pool-0").output.shape == (None, 4, 4, 12)
    assert model.get_layer("decoder-psp-blocks-1-pool-1-0").filters == 12 // 2


@pytest.fixture
def whole():
    return PSPNet((24, 16, 1), 1, whole_encoder=True, **SMALL)


def named(model):
    return {weight.path: np.asarray(weight) for weight in model.weights}


def test_stages_that_never_run_change_nothing(whole):
    part = PSPNet((24, 16, 1), 1, **SMALL)
    for layer in part.layers:
        layer.set_weights(whole.get_layer(layer.name).get_weights())
    image = np.random.default_rng(0).random((2, 24, 16, 1), np.float32)
    np.testing.assert_array_equal(whole.predict_on_batch(image), part.predict_on_batch(image))
    # 3x3 kernels from 12 to 16 and from 16 to 20 channels, with biases
    assert counted(whole)[0] - counted(part)[0] == 9 * 12 * 16 + 16 + 9 * 16 * 20 + 20
    idle = named(whole).keys() - named(part).keys()
    assert idle == {f"encoder-{stage}/{weight}" for stage in (4, 5) for weight in ("kernel", "bias")}


def test_stages_that_never_run_are_kept_in_a_file(whole, tmp_path):
    whole.save(tmp_path / "model.keras")
    again = named(keras.saving.load_model(tmp_path / "model.keras"))
    assert again.keys() == named(whole).keys()
    for path, values in named(whole).items():
        np.testing.assert_array_equal(again[path], values)


def test_training_leaves_stages_that_never_run(whole):
    before = named(whole)
    whole.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    whole.train_on_batch(np.random.default_rng(0).random((2, 24, 16, 1)), np.zeros((2, 24, 16, 1)))
    changed = {path: (values != before[path]).any() for path, values in named(whole).items()}
    assert not any(changed[path] for path in changed if path.startswith(("encoder-4", "encoder-5")))
    assert changed["encoder-1/kernel"] and changed["encoder-3/kernel"]


def test_a_depth_of_five_has_no_stage_that_never_runs():
    deep = PSPNet((64, 64, 1), 1, depth=5, whole_encoder=True, **SMALL)
    assert counted(deep) == counted(PSPNet((64, 64, 1), 1, depth=5, **SMALL))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth must be one of 1, 2, 3, 4, 5, got 0"),
        ({"sizes": ()}, r"sizes must be a list of whole numbers of at least 1, got \(\)"),
        ({"sizes": (1, 0)}, r"sizes must be a list of whole numbers of at least 1, got \(1, 0\)"),
        ({"sizes": (1,) * 13}, "sizes must be at most as many as the encoder's map has channels, 12, got 13"),
        ({"psp_channels": 0}, "psp_channels must be a whole number of at least 1, got 0"),
        ({"dropout": -0.1}, r"dropout must be in \[0, 1\), got -0.1"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"PSPNet: {message}"):
        PSPNet((64, 64, 1), 1, **{**SMALL, **options})
