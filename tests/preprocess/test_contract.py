"""What every step keeps: one on pixels the picture's shape and type, one in the model's graph finite numbers too.

A step whose first argument is `image` works on 8-bit pixels before the cache, one whose first is `images` in the model.
"""

import inspect

import cv2
import keras
import numpy as np
import pytest

from ultraseg import catalogue

FIRST = {
    name: next(iter(inspect.signature(catalogue.find("preprocess", name)).parameters))
    for name in catalogue.names("preprocess")
}
IN_GRAPH = [name for name, first in FIRST.items() if first == "images"]
ON_PIXELS = [name for name, first in FIRST.items() if first == "image" and name != "resize"]
SHAPES = [(33, 47), (64, 40), (5, 7)]


def textured(height, width):
    image = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    return cv2.GaussianBlur(image, (0, 0), 1.5)[..., None]


def test_every_step_is_of_one_kind():
    assert set(FIRST.values()) == {"image", "images"}
    assert FIRST["resize"] == "image"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ON_PIXELS)
def test_a_step_on_pixels_keeps_shape_and_type_and_repeats_itself(name, shape):
    image = textured(*shape)
    before = image.copy()
    step = catalogue.bind("preprocess", name)
    one = step(image)
    assert one.shape == image.shape and one.dtype == np.uint8
    np.testing.assert_array_equal(step(image), one)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ON_PIXELS)
def test_a_step_on_pixels_treats_three_equal_channels_as_one(name, shape):
    image = textured(*shape)
    step = catalogue.bind("preprocess", name)
    three = step(np.repeat(image, 3, axis=-1))
    np.testing.assert_array_equal(three, np.repeat(step(image), 3, axis=-1))


@pytest.mark.parametrize("name", ON_PIXELS)
@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_image_of_one_value_is_no_special_case(name, value):
    for shape in ((33, 47, 1), (1, 1, 1), (8, 8, 3)):
        found = catalogue.bind("preprocess", name)(np.full(shape, value, np.uint8))
        assert found.shape == shape and found.dtype == np.uint8 and np.unique(found).size == 1


@pytest.mark.parametrize("name", IN_GRAPH)
@pytest.mark.parametrize("channels", [1, 3])
def test_it_runs_in_a_model_and_gives_what_it_gives_outside(name, channels):
    step = catalogue.bind("preprocess", name)
    image = keras.Input((6, 4, channels))
    model = keras.Model(image, step(image))
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 4, channels)).astype(np.float32)
    inside = model.predict_on_batch(images)
    assert inside.shape == images.shape and inside.dtype == np.float32
    outside = keras.ops.convert_to_numpy(step(keras.ops.convert_to_tensor(images)))
    np.testing.assert_allclose(inside, outside, atol=1e-5)
    assert np.isfinite(model.predict_on_batch(np.zeros_like(images))).all()


@pytest.mark.parametrize("name", IN_GRAPH)
def test_a_model_with_it_is_saved_and_loaded_without_custom_objects(name, tmp_path):
    image = keras.Input((6, 4, 1))
    model = keras.Model(image, catalogue.bind("preprocess", name)(image))
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 4, 1)).astype(np.float32)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(images), model.predict_on_batch(images))
