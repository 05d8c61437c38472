"""Keras' ResNet-50: Keras' own maps from its own weights, in colour and grey, and its counts."""

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
from ultraseg.encoders import KerasResNet50


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.ResNet50, tmp_path_factory.mktemp("keras_resnet50"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(KerasResNet50, weights=network.path)


def test_the_maps_are_keras_own(network, model):
    taps = ("conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out")
    assert_maps_are_keras_own(model, network.whole, applications.resnet.preprocess_input, taps)
    assert_shapes(model, [3, 64, 256, 512, 1024, 2048])


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(KerasResNet50, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 23_534_592
    assert count(model.non_trainable_weights) == 53_120


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, KerasResNet50, applications.ResNet50)
