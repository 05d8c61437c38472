"""VGG-16 as convolutions: the dense layers at every place, the border of zeros, weights for any number of channels."""

import gc

import keras
import numpy as np
import pytest
from keras import layers, ops

from ultraseg.encoders import convolved_vgg16 as module
from ultraseg.encoders.convolved_vgg16 import convolved_vgg16

BLOCKS = ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3))


def learnt(width):
    """Weights as Keras' VGG16 has them, of another width."""
    rng, weights, before = np.random.default_rng(0), {}, 3
    for block, (times, count) in enumerate(BLOCKS, start=1):
        for number in range(1, count + 1):
            weights[f"block{block}_conv{number}"] = _drawn(rng, (3, 3, before, times * width))
            before = times * width
    weights["fc1"] = _drawn(rng, (49 * before, 64 * width))
    weights["fc2"] = _drawn(rng, (64 * width, 64 * width))
    return weights


def _drawn(rng, shape):
    deviation = (2 / np.prod(shape[:-1])) ** 0.5
    return [rng.normal(0, deviation, shape).astype(np.float32), rng.normal(0, 0.1, shape[-1]).astype(np.float32)]


def network(channels, **options):
    image = keras.Input((None, None, channels))
    return keras.Model(image, list(convolved_vgg16(image, who="FCN", **options)))


def by_hand(colour, weights):
    """The maps of pixels in [0, 1], step by step: colours as Caffe's, zeros around, dense layers patch by patch."""
    pixels = colour[..., ::-1] * 255 - np.array([103.939, 116.779, 123.68])
    features = np.pad(pixels, ((0, 0), (100, 100), (100, 100), (0, 0))).astype(np.float32)
    pools = []
    for block, (_, count) in enumerate(BLOCKS, start=1):
        for number in range(1, count + 1):
            kernel, bias = weights[f"block{block}_conv{number}"]
            padding = "valid" if block == number == 1 else "same"
            features = ops.relu(ops.conv(features, kernel, padding=padding) + bias)
        features = np.array(features)
        odd = [side % 2 for side in features.shape[1:3]]
        features = np.pad(features, ((0, 0), (0, odd[0]), (0, odd[1]), (0, 0)), constant_values=-np.inf)
        features = np.array(ops.max_pool(features, 2, 2))
        pools.append(features)
    rows, columns = (side - 6 for side in features.shape[1:3])
    patches = [
        [features[:, i : i + 7, j : j + 7].reshape(len(colour), -1) for j in range(columns)] for i in range(rows)
    ]
    features = np.stack([np.stack(row, axis=1) for row in patches], axis=1)
    for name in ("fc1", "fc2"):
        features = np.maximum(features @ weights[name][0] + weights[name][1], 0)
    return [features, pools[3], pools[2]]


def distance(found, wanted):
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


@pytest.fixture
def narrow(monkeypatch):
    """Weights of width 2 in place of a file of 550 MB."""
    weights = learnt(2)
    monkeypatch.setattr(module, "WIDTH", 2)
    monkeypatch.setattr(module, "weight_file", lambda who, weights, *source: weights)
    monkeypatch.setattr(module, "_learnt", lambda who, path: weights)
    return weights


@pytest.mark.parametrize("size", [(40, 57), (1, 1)])
def test_three_channels_by_hand(narrow, size):
    colour = np.random.default_rng(1).random((2, *size, 3), np.float32)
    maps = network(3, width=2, weights="given").predict_on_batch(colour)
    for found, wanted in zip(maps, by_hand(colour, narrow), strict=True):
        assert found.shape == wanted.shape and distance(found, wanted) < 1e-5


def test_a_grey_image_gives_what_its_copy_in_colour_gives(narrow):
    grey = np.random.default_rng(1).random((2, 40, 57, 1), np.float32)
    maps = network(1, width=2, weights="given").predict_on_batch(grey)
    for found, wanted in zip(maps, by_hand(np.repeat(grey, 3, axis=-1), narrow), strict=True):
        assert distance(found, wanted) < 1e-5


def test_two_channels_are_red_and_green_scaled_up(narrow):
    assert network(2, width=2, weights="given").get_layer("conv1_1").kernel.shape == (3, 3, 2, 2)


def test_without_weights_pixels_are_left_alone():
    model = network(3, width=1)
    assert [type(layer) for layer in model.layers[:3]] == [layers.InputLayer, layers.ZeroPadding2D, layers.Conv2D]
    assert {layer.rate for layer in model.layers if isinstance(layer, layers.SpatialDropout2D)} == {0.5}


def test_weights_of_another_width_are_refused():
    with pytest.raises(ValueError, match="FCN: weights are of width 64, got width 8"):
        network(3, width=8, weights="imagenet")


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="FCN: weights must be imagenet or the path of an .h5 file"):
        network(3, weights=str(tmp_path / "none.h5"))


@pytest.mark.slow
def test_a_whole_file_and_a_truncated_one(tmp_path):
    whole = keras.applications.VGG16(weights=None)
    for layer in whole.layers:
        if layer.weights:
            layer.bias.assign(np.random.default_rng(0).normal(0, 0.1, layer.bias.shape))
    path = tmp_path / "vgg16.weights.h5"
    whole.save_weights(path)
    weights = {layer.name: layer.get_weights() for layer in whole.layers}
    del whole
    gc.collect()
    colour = np.random.default_rng(1).random((1, 33, 40, 3), np.float32)
    maps = network(3, weights=str(path)).predict_on_batch(colour)
    for found, wanted in zip(maps, by_hand(colour, weights), strict=True):
        assert distance(found, wanted) < 1e-5
    with path.open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(ValueError, match="FCN: weights .* cannot be read"):
        network(3, weights=str(path))
    keras.backend.clear_session()
    gc.collect()
