"""The first convolution: a grey image gives what its copy in colours gives, and other numbers of channels by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.encoders import _stem

PIXELS = {name: getattr(_stem, name) for name in ("TORCH", "CAFFE", "SIGNED", "UNIT")}
STEMS = {  # as in a ResNet, in ConvNeXt, in VGG, in EfficientNet and in a network whose border is of Keras' making
    "resnet": ({"kernel_size": 7, "strides": 2, "use_bias": False}, 3),
    "convnext": ({"kernel_size": 4, "strides": 4}, 0),
    "vgg": ({"kernel_size": 3, "padding": "same", "activation": "relu"}, 0),
    "efficientnet": ({"kernel_size": 3, "strides": 2, "use_bias": False}, ((0, 1), (0, 1))),
    "same": ({"kernel_size": 3, "strides": 2, "padding": "same"}, 0),
}
KERNELS = {size: np.random.default_rng(size).normal(size=(size, size, 3, 5)) for size in (3, 4, 7)}


def model(way, channels, pixels):
    options, border = STEMS[way]
    image = keras.Input((None, None, channels))
    first = layers.Conv2D(5, name="first", **options)
    features = _stem.stem(image, first, border=border, kernel=KERNELS[options["kernel_size"]], pixels=pixels)
    if first.use_bias:
        first.bias.assign(np.arange(5) / 5)
    return keras.Model(image, features)


@pytest.mark.parametrize("pixels", PIXELS.values(), ids=PIXELS)
@pytest.mark.parametrize("way", STEMS)
def test_grey_is_what_its_copy_in_colours_is_borders_included(way, pixels):
    grey = np.random.default_rng(0).random((2, 21, 30, 1), np.float32)
    wanted = model(way, 3, pixels).predict_on_batch(np.repeat(grey, 3, -1))
    found = model(way, 1, pixels).predict_on_batch(grey)
    assert np.abs(found - wanted).max() < 1e-5 * np.abs(wanted).max()


def test_three_channels_are_prepared_and_meet_the_kernel_as_it_is():
    # one red pixel: blue, green, red minus the means, then the kernel
    red = np.array([[[[1.0, 0.0, 0.0]]]], np.float32)
    image = keras.Input((1, 1, 3))
    first = layers.Conv2D(3, 1, use_bias=False, name="first")
    features = _stem.stem(image, first, kernel=np.eye(3)[None, None], pixels=_stem.CAFFE)
    found = keras.Model(image, features).predict_on_batch(red)
    assert found[0, 0, 0] == pytest.approx([-103.939, -116.779, 255 - 123.68])


def test_other_numbers_of_channels_by_hand():
    # red, green, blue, red, green: five pixels of 1 are five offset ones; the kernel's slices are scaled by 3 / 5
    pixels = ((2, 1, 0), (3.0, 5.0, 7.0), (0.5, 0.25, 0.125))  # blue 3x + 0.5, green 5x + 0.25, red 7x + 0.125
    kernel = np.array([100.0, 10.0, 1.0]).reshape(1, 1, 3, 1)  # blue 100, green 10, red 1
    image = keras.Input((1, 1, 5))
    first = layers.Conv2D(1, 1, use_bias=False, name="first")
    built = keras.Model(image, _stem.stem(image, first, kernel=kernel, pixels=pixels))
    wanted = 3 / 5 * (7.125 + 52.5 + 350 + 7.125 + 52.5)
    assert built.predict_on_batch(np.ones((1, 1, 1, 5), np.float32)).item() == pytest.approx(wanted)


def test_without_a_kernel_nothing_is_done_to_the_pixels():
    image = keras.Input((9, 9, 2))
    built = keras.Model(image, _stem.stem(image, layers.Conv2D(4, 3, name="first"), border=1))
    assert [type(layer).__name__ for layer in built.layers] == ["InputLayer", "ZeroPadding2D", "Conv2D"]
    assert built.output_shape == (None, 9, 9, 4)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_file(channels, tmp_path):
    built = model("vgg", channels, _stem.CAFFE)
    built.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).random((1, 8, 8, channels), np.float32)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(images), built.predict_on_batch(images))
    assert loaded.get_layer("first").kernel.shape == (3, 3, channels, 5)
