"""EfficientNetV2-B0: Keras' own maps from its own weights, in colour and grey, and its counts."""

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
from ultraseg.encoders import EfficientNetV2B0


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.EfficientNetV2B0, tmp_path_factory.mktemp("efficientnet_v2_b0"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(EfficientNetV2B0, weights=network.path)


def test_the_maps_are_keras_own(network, model):
    taps = ("block1a_project_activation", "block2b_add", "block3b_add", "block5e_add")
    assert_maps_are_keras_own(model, network.whole, applications.efficientnet_v2.preprocess_input, taps)
    assert_shapes(model, [3, 16, 32, 48, 112, 1280])


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(EfficientNetV2B0, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 5_858_704
    assert count(model.non_trainable_weights) == 60_608


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, EfficientNetV2B0, applications.EfficientNetV2B0)
