"""The response to a constant image: by hand, the same as folding says at every border, and through a file."""

import keras
import numpy as np
import pytest

from ultraseg.layers import ConstantResponse

WAYS = [
    {"kernel_size": 3, "padding": "same"},
    {"kernel_size": 7, "strides": 2, "border": 3},
    {"kernel_size": 4, "strides": 4},
    {"kernel_size": (3, 5), "strides": 2, "border": ((0, 1), (2, 1))},
    {"kernel_size": 3, "strides": 2, "padding": "same"},
]


def test_by_hand():
    # a kernel of nine ones on a 3x3 image of ones among zeros: how many taps lie inside
    layer = ConstantResponse(3, padding="same")
    layer.build([(None, 3, 3, 1), (None, 3, 3, 1)])
    layer.kernel.assign(np.ones((3, 3, 1, 1)))
    found = keras.ops.convert_to_numpy(layer([np.full((2, 3, 3, 1), 10.0), np.zeros((2, 3, 3, 1))]))
    assert found[1, :, :, 0].tolist() == [[14, 16, 14], [16, 19, 16], [14, 16, 14]]


@pytest.mark.parametrize("way", WAYS)
def test_an_offset_of_the_pixels_folded_is_the_same_at_borders(way, tmp_path):
    convolution = keras.layers.Conv2D(
        4, way["kernel_size"], way.get("strides", 1), way.get("padding", "valid"), use_bias=False, dtype="float64"
    )
    border = keras.layers.ZeroPadding2D(way.get("border", 0), dtype="float64")
    image = keras.Input((None, None, 1), dtype="float64")
    layer = ConstantResponse(**way, dtype="float64", name="constant")
    keras.Model(image, layer([convolution(border(image)), image])).save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    kernel = next(each for each in model.layers if isinstance(each, keras.layers.Conv2D)).kernel
    model.get_layer("constant").kernel.assign(-0.7 * np.asarray(kernel))
    assert model.get_layer("constant").get_config() == layer.get_config()
    convolution.kernel.assign(kernel)
    for size in ((11, 14), (16, 9)):
        images = np.random.default_rng(0).random((2, *size, 1))
        wanted = keras.ops.convert_to_numpy(convolution(border(images - 0.7)))
        assert np.abs(model.predict_on_batch(images) - wanted).max() < 1e-12


def test_its_kernel_never_trains():
    layer = ConstantResponse(3, padding="same")
    image = keras.Input((8, 8, 2))
    model = keras.Model(image, layer([keras.layers.Conv2D(2, 3, padding="same")(image), image]))
    model.trainable = True
    assert layer.kernel.shape == (3, 3, 1, 2) and not layer.trainable_variables
