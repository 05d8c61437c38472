"""Resize: OpenCV's own result, in the order height, width."""

import cv2
import numpy as np
import pytest

from ultraseg.preprocess import resize

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.mark.parametrize(
    ("interpolation", "size", "flag"),
    [
        ("area", (16, 30), cv2.INTER_AREA),
        ("area", (40, 30), cv2.INTER_AREA),
        ("area", (80, 30), cv2.INTER_LINEAR),  # one side grows, so that no pixels fall together there
        ("area", (80, 90), cv2.INTER_LINEAR),
        ("bilinear", (16, 30), cv2.INTER_LINEAR),
        ("nearest", (16, 30), cv2.INTER_NEAREST),
    ],
)
def test_it_is_what_opencv_does(interpolation, size, flag):
    resized = resize(IMAGE, size=size, interpolation=interpolation)
    np.testing.assert_array_equal(resized, cv2.resize(IMAGE, size[::-1], interpolation=flag))
    assert resized.shape == (*size, 3) and resized.dtype == np.uint8


def test_area_averages_by_hand():
    image = np.array([[0, 100, 10, 10], [100, 200, 10, 30]], np.uint8)
    assert resize(image, size=(1, 2)).tolist() == [[100, 15]]  # 400 / 4 and 60 / 4


def test_nearest_keeps_a_mask_a_mask():
    mask = (IMAGE[..., 0] > 128).astype(np.uint8) * 255
    assert set(np.unique(resize(mask, size=(17, 23), interpolation="nearest"))) == {0, 255}


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 1), (40, 60, 3)])
def test_channels_stay(shape):
    assert resize(np.zeros(shape, np.uint8), size=(8, 9)).shape == (8, 9, *shape[2:])


def test_its_own_size_changes_nothing():
    np.testing.assert_array_equal(resize(IMAGE, size=[40, 60]), IMAGE)


def test_an_unknown_interpolation_is_refused():
    with pytest.raises(ValueError, match="resize: interpolation must be one of area, bilinear, nearest, got 'cubic'"):
        resize(IMAGE, size=(8, 8), interpolation="cubic")
