"""Models built from what weights say, and weights completed by what models do not hold."""

import keras
import numpy as np
import pytest

from tests.convert.conftest import network
from ultraseg import catalogue
from ultraseg.convert import build, completed, counterpart, load_state_dict, preprocesses, state_dict, whole_encoder
from ultraseg.convert._architectures import ARCHITECTURES
from ultraseg.layers import ChannelAffine

SPEC = {"PSPNet": {"encoder": "ResNet18"}}


@pytest.fixture(scope="module")
def model():
    return build(SPEC, {}, shape=(None, None, 2), classes=3)


def test_channels_and_classes_are_read_from_the_kernels():
    arrays = {"encoder.conv1.weight": np.zeros((64, 5, 7, 7)), "segmentation_head.0.weight": np.zeros((4, 512, 3, 3))}
    built = build(SPEC, arrays)
    assert built.input_shape == (None, None, None, 5) and built.output_shape == (None, None, None, 4)
    built = build(SPEC, arrays, shape=(64, 32, 1), classes=2)
    assert built.input_shape == (None, 64, 32, 1) and built.output_shape == (None, 64, 32, 2)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({}, "no kernel encoder.conv1.weight to tell how many channels the image has; give --shape"),
        (
            {"encoder.conv1.weight": np.zeros((1, 1, 1, 1)), "segmentation_head.0.weight": np.zeros(3)},
            "no kernel segmentation_head.0.weight to tell how many classes there are; give --classes",
        ),
    ],
)
def test_weights_that_do_not_tell_are_refused(arrays, sentence):
    with pytest.raises(ValueError, match=sentence):
        build(SPEC, arrays)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_has_a_builder_with_the_options_that_are_named(name):
    known = catalogue.options("models", name)
    assert set(ARCHITECTURES[name][1].values()) <= set(known)


def test_the_counterpart_of_a_model(model):
    assert counterpart(model) == "PSPNet"
    with pytest.raises(ValueError, match="small: not an architecture of smp; these are: UNet, UNetPlusPlus"):
        counterpart(network())


def test_manet_with_its_attention_put_right_has_none():
    spec = {"MAnet": {"encoder": "ResNet18", "depth": 2, "decoder_channels": [4, 4]}}
    assert counterpart(build(spec, {}, shape=(32, 32, 1), classes=1)) == "MAnet"
    spec["MAnet"]["attention_layout"] = "spatial"
    with pytest.raises(ValueError, match="MAnet: smp knows no attention_layout but published, got spatial"):
        counterpart(build(spec, {}, shape=(32, 32, 1), classes=1))


def test_what_changes_pixels_in_front_of_a_network_is_noticed(model):
    image = keras.Input((32, 32, 2), dtype="uint8")
    assert not preprocesses(model)
    assert preprocesses(keras.Model(image, model(keras.layers.Rescaling(1 / 255)(image)), name="PSPNet"))
    image = keras.Input((32, 32, 2))
    assert preprocesses(keras.Model(image, ChannelAffine([2, 2], [1, 1])(image)))


def test_stages_that_never_run_are_added(model):
    arrays = state_dict(model)
    assert not any(name.startswith(("encoder.layer3.", "encoder.layer4.")) for name in arrays)
    with pytest.raises(ValueError, match="smp holds all four stages of an encoder, .* name it, as in --model"):
        completed(arrays)
    others = state_dict(whole_encoder(SPEC, 2))
    whole = completed(arrays, others)
    assert set(whole) == set(arrays) | set(others) and len(whole) > len(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(whole[name], array)
    assert completed(whole) is whole
    idle = load_state_dict(model, whole)
    assert idle and all(name.startswith(("encoder.layer3.", "encoder.layer4.")) for name in idle)


def test_stages_of_a_model_that_holds_them_are_its_own():
    held = build({"PSPNet": SPEC["PSPNet"] | {"whole_encoder": True}}, {}, shape=(32, 32, 1), classes=1)
    arrays = state_dict(held)
    assert completed(arrays) is arrays
    assert load_state_dict(held, arrays) == []


def test_stages_of_another_encoder_are_refused(model):
    others = state_dict(whole_encoder({"PSPNet": {"encoder": "ResNet50"}}, 2))
    with pytest.raises(ValueError, match="the model is on another encoder than the one named, as its encoder.layer1"):
        completed(state_dict(model), others)
