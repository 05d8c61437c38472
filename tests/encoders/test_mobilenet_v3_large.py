"""MobileNetV3-Large: Keras' own maps from its own weights, in colour and grey, and its counts."""

import pytest
from keras import applications

from tests.encoders.keras_networks import (
    assert_grey_is_colour,
    assert_imagenet_is_keras_own,
    assert_maps_are_keras_own,
    assert_shapes,
    count,
    double_precision,
    encoded,
    taught,
)
from ultraseg.encoders import MobileNetV3Large


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.MobileNetV3Large, tmp_path_factory.mktemp("mobilenet_v3_large"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(MobileNetV3Large, weights=network.path)


def test_the_maps_are_keras_own(network, model):
    taps = ("expanded_conv_add", "expanded_conv_2_add", "expanded_conv_5_add", "expanded_conv_11_add")
    assert_maps_are_keras_own(model, network.whole, applications.mobilenet_v3.preprocess_input, taps)
    assert_shapes(model, [3, 16, 24, 40, 112, 960])


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(MobileNetV3Large, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 2_971_952
    assert count(model.non_trainable_weights) == 24_400


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, MobileNetV3Large, applications.MobileNetV3Large)
