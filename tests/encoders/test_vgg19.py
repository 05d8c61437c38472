"""VGG-19: Keras' own maps from its own weights, in colour and grey, and its counts."""

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
from ultraseg.encoders import VGG19


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.VGG19, tmp_path_factory.mktemp("vgg19"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(VGG19, weights=network.path)


def test_the_maps_are_keras_own(network, model):
    taps = ("block1_conv2", "block2_conv2", "block3_conv4", "block4_conv4", "block5_conv4")
    assert_maps_are_keras_own(model, network.whole, applications.vgg19.preprocess_input, taps)
    assert_shapes(model, [64, 128, 256, 512, 512, 512])


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(VGG19, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 20_024_384
    assert count(model.non_trainable_weights) == 0


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, VGG19, applications.VGG19)


def test_layers_bear_torchvisions_names(model):
    numbers = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    kernels = [weight.path for weight in model.weights if weight.name == "kernel" and len(weight.shape) == 4]
    assert kernels == [f"encoder-features-{number}/kernel" for number in numbers]
