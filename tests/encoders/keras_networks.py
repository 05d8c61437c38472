"""Networks of keras.applications with drawn weights in double precision, and the laws that encoders of them keep."""

import contextlib
from typing import NamedTuple

import keras
import numpy as np
import pytest

SIZE = (64, 96)
ROUNDED = 1e-5  # Keras rounds the means and deviations it normalises pixels with to float32


class Taught(NamedTuple):
    """A network, as Keras builds it, and the file of its weights."""

    whole: keras.Model
    path: str


@contextlib.contextmanager
def double_precision():
    """Build and run what is inside in float64."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


def taught(network, folder):
    """Draw weights, biases and statistics, none of which stays 0 or 1, and write them down."""
    whole = network(include_top=False, weights=None, input_shape=(None, None, 3))
    generator = np.random.default_rng(0)
    for variable in whole.weights:
        if variable.name in ("beta", "moving_mean", "bias"):
            variable.assign(generator.normal(0, 0.2, variable.shape))
        elif len(variable.shape) == 1:
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))
    path = folder / "taught.weights.h5"
    whole.save_weights(path)
    return Taught(whole, str(path))


def encoded(encoder, channels=3, **options):
    """The model from an image of any size to all maps."""
    image = keras.Input((None, None, channels))
    return keras.Model(image, encoder(image, **options))


def pixels(channels=3):
    """Two pictures with pixels in [0, 1]."""
    return np.random.default_rng(1).random((2, *SIZE, channels))


def assert_maps_are_keras_own(model, whole, preprocess, taps):
    """The maps after the first ones equal, in order, what the named layers of the whole network give; its own last."""
    tapped = [*(whole.get_layer(tap).output for tap in taps), whole.output]
    wanted = keras.Model(whole.input, tapped)(preprocess(255 * pixels()))
    for one, other in zip(model(pixels())[-len(tapped) :], wanted, strict=True):
        assert relative(one, other) < ROUNDED


def assert_grey_is_colour(encoder, model, path):
    """One channel gives what three equal ones give, at borders too."""
    grey = pixels(1)
    found = encoded(encoder, 1, depth=2, weights=path)(grey)
    wanted = model(np.repeat(grey, 3, axis=-1))
    assert relative(found[2], wanted[2]) < 1e-12


def assert_shapes(model, channels):
    """The maps have these channels, and at each step half the size."""
    found = [tuple(each.shape[1:]) for each in model(pixels())]
    assert found == [(SIZE[0] >> step, SIZE[1] >> step, count) for step, count in enumerate(channels)]


def count(weights):
    """How many numbers some variables hold."""
    return sum(int(np.prod(weight.shape)) for weight in weights)


def relative(found, wanted):
    """The distance of two arrays in units of the second's length."""
    found, wanted = (keras.ops.convert_to_numpy(each) for each in (found, wanted))
    assert found.shape == wanted.shape
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


def assert_imagenet_is_keras_own(monkeypatch, encoder, network):
    """Both ask for the same file, from the same place, with the same hash, into the same folder."""
    monkeypatch.setattr("keras.utils.get_file", _ask)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", _ask)
    asked = []
    for fetch in (
        lambda: encoder(keras.Input((None, None, 1)), weights="imagenet"),
        lambda: network(include_top=False, weights="imagenet", input_shape=(224, 224, 3)),
    ):
        with pytest.raises(Asked) as wanted:
            fetch()
        asked.append(wanted.value.args)
    assert asked[0] == asked[1]


class Asked(Exception):
    """What a download was asked for."""


def _ask(name, address, cache_subdir, file_hash):
    raise Asked(name, address, cache_subdir, file_hash)
