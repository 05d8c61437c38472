"""DenseNet-121: Keras' own maps from its own weights, in colour and grey, and its counts."""

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
from ultraseg.encoders import DenseNet121


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.DenseNet121, tmp_path_factory.mktemp("densenet121"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(DenseNet121, weights=network.path)


def test_the_maps_are_keras_own(network, model):
    taps = ("conv1_relu", "pool2_relu", "pool3_relu", "pool4_relu")
    assert_maps_are_keras_own(model, network.whole, applications.densenet.preprocess_input, taps)
    assert_shapes(model, [3, 64, 256, 512, 1024, 1024])


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(DenseNet121, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 6_953_856
    assert count(model.non_trainable_weights) == 83_648


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, DenseNet121, applications.DenseNet121)
