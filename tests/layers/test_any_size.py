"""Any size: the reflection is OpenCV's, the crop undoes it, and a size that fits costs nothing."""

import cv2
import keras
import numpy as np
import pytest

from ultraseg.layers import CropLike, PadToStride, crop_like, pad_to_stride


@pytest.mark.parametrize("size", [(5, 7), (8, 8), (1, 3), (2, 9), (9, 1)])
def test_the_reflection_is_opencvs(size):
    image = np.random.default_rng(0).random(size, np.float32)
    found = keras.ops.convert_to_numpy(PadToStride(8)(image[None, :, :, None]))[0, :, :, 0]
    down, right = -size[0] % 8, -size[1] % 8
    np.testing.assert_array_equal(found, cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_REFLECT_101))


@pytest.mark.parametrize("shape", [(5, 7, 2), (None, None, 2), (None, 8, 2)])
def test_there_and_back(shape, tmp_path):
    image = keras.Input(shape)
    padded = pad_to_stride(image, 4)
    assert padded.shape[1:3] == tuple(side and -(-side // 4) * 4 for side in shape[:2])
    model = keras.Model(image, crop_like(padded, image))
    assert model.output_shape == (None, *shape)
    model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    pixels = np.random.default_rng(0).random((2, *(side or 11 for side in shape)), np.float32)
    np.testing.assert_array_equal(model.predict_on_batch(pixels), pixels)


def test_a_size_that_fits_costs_nothing():
    image = keras.Input((8, 12, 1))
    assert pad_to_stride(image, 4) is image
    assert crop_like(image, image) is image


def test_too_small_and_no_stride_are_refused():
    with pytest.raises(ValueError, match="an image must be at least 16 pixels high and wide, got 9"):
        pad_to_stride(keras.Input((32, 9, 1)), 16)
    with pytest.raises(ValueError, match="^Net: an image must be at least 16 pixels high and wide, got 9$"):
        pad_to_stride(keras.Input((9, None, 1)), 16, who="Net")
    with pytest.raises(ValueError, match="stride must be at least 1, got 0"):
        PadToStride(0)


@pytest.mark.parametrize("size", [(0, 3), (3, 0)])
def test_no_pixels_are_refused_where_sides_are_known_late(size):
    image = keras.Input((None, None, 1))
    model = keras.Model(image, pad_to_stride(image, 4))
    with pytest.raises(ValueError, match=r"PadToStride: an image must be at least 1 pixel high and wide, got \("):
        model.predict_on_batch(np.zeros((1, *size, 1), np.float32))


def test_logits_keep_their_precision():
    features, image = keras.KerasTensor((1, 8, 8, 1), "float32"), keras.KerasTensor((1, 7, 8, 1), "float16")
    assert crop_like(features, image).dtype == "float32"
    assert CropLike().compute_output_shape([(1, 8, 8, 3), (1, 5, None, 1)]) == (1, 5, None, 3)


@pytest.mark.parametrize("floatx", ["float32", "float64"])
def test_a_size_that_comes_late_in_any_precision(floatx):
    keras.config.set_floatx(floatx)
    try:
        found = PadToStride(4)(np.arange(5.0).reshape(1, 1, 5, 1))
    finally:
        keras.config.set_floatx("float32")
    assert keras.ops.convert_to_numpy(found)[0, :, :, 0].tolist() == [[0, 1, 2, 3, 4, 3, 2, 1]] * 4
