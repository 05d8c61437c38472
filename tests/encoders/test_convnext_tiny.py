"""ConvNeXt-Tiny: Keras' own maps from its own weights, in colour and grey, and its counts."""

import keras
import numpy as np
import pytest
from keras import applications

from tests.encoders.keras_networks import (
    ROUNDED,
    assert_grey_is_colour,
    assert_imagenet_is_keras_own,
    assert_shapes,
    count,
    double_precision,
    encoded,
    pixels,
    relative,
    taught,
)
from ultraseg.encoders import ConvNeXtTiny


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with double_precision():
        yield taught(applications.ConvNeXtTiny, tmp_path_factory.mktemp("convnext_tiny"))


@pytest.fixture(scope="module")
def model(network):
    return encoded(ConvNeXtTiny, weights=network.path)


def test_six_maps(model):
    assert_shapes(model, [3, 3, 96, 192, 384, 768])


@pytest.mark.parametrize("stages", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_map_is_what_keras_next_stage_takes_and_the_last_its_own(network, model, stages):
    """On a CPU Keras compiles each of its grouped convolutions anew, which takes seconds."""
    whole, maps = network.whole, model(pixels())
    firsts = [whole.get_layer(f"convnext_tiny_stage_{stage}_block_0_depthwise_conv") for stage in range(1, stages + 1)]
    taken = [layer.input for layer in firsts] + [whole.output] * (stages == 3)
    answers = keras.Model(whole.input, [*taken, taken[0]])(255 * pixels())  # of one output Keras would make no list
    for stage in range(stages):
        smaller = whole.get_layer(f"convnext_tiny_downsampling_block_{stage}")(maps[stage + 2])
        assert relative(smaller, answers[stage]) < ROUNDED
    if stages == 3:
        assert relative(maps[5], answers[3]) < ROUNDED


def test_a_grey_image_gives_what_its_copy_in_colours_gives(network, model):
    assert_grey_is_colour(ConvNeXtTiny, model, network.path)


def test_parameters(model):
    assert count(model.trainable_weights) == 27_820_128
    assert count(model.non_trainable_weights) == 0


def test_imagenet_is_keras_own_file(monkeypatch):
    assert_imagenet_is_keras_own(monkeypatch, ConvNeXtTiny, applications.ConvNeXtTiny)


def test_the_first_two_maps_are_the_image_and_its_average():
    model = encoded(ConvNeXtTiny, depth=1)
    image = np.arange(8.0).reshape(1, 2, 4, 1).repeat(3, axis=-1)
    zero, one = (keras.ops.convert_to_numpy(each)[..., 0] for each in model(image))
    assert zero.tolist() == [[[0, 1, 2, 3], [4, 5, 6, 7]]]
    assert one.tolist() == [[[(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4]]]
    assert not model.weights
