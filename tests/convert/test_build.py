"""Models built from what weights say, and what weights do not say noticed."""

import keras
import numpy as np
import pytest

from ultraseg import catalogue
from ultraseg.convert import build, preprocesses
from ultraseg.convert._architectures import ARCHITECTURES
from ultraseg.layers import ChannelAffine

SPEC = {"PSPNet": {"encoder": "ResNet18"}}


@pytest.mark.parametrize("first", ["encoder.conv1.weight", "encoder.features.0.weight"])
def test_channels_and_classes_are_read_from_the_kernels(first):
    arrays = {first: np.zeros((64, 5, 7, 7)), "segmentation_head.0.weight": np.zeros((4, 512, 3, 3))}
    built = build(SPEC, arrays)
    assert built.input_shape == (None, None, None, 5) and built.output_shape == (None, None, None, 4)
    built = build(SPEC, arrays, shape=(64, 32, 1), classes=2)
    assert built.input_shape == (None, 64, 32, 1) and built.output_shape == (None, 64, 32, 2)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (
            {},
            "no kernel encoder.conv1.weight or encoder.features.0.weight to tell how many channels the image has; give "
            "--shape",
        ),
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


def test_what_changes_pixels_in_front_of_a_network_is_noticed():
    model = build(SPEC, {}, shape=(None, None, 2), classes=3)
    image = keras.Input((32, 32, 2), dtype="uint8")
    assert not preprocesses(model)
    assert preprocesses(keras.Model(image, model(keras.layers.Rescaling(1 / 255)(image)), name="PSPNet"))
    image = keras.Input((32, 32, 2))
    assert preprocesses(keras.Model(image, ChannelAffine([2, 2], [1, 1])(image)))
