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


def test_letterbox_keeps_the_aspect_ratio_and_pads_with_0():
    # 2x4 to 4x4: rows 1 and 2 hold the image, above and below is nothing
    image = np.arange(1, 9, dtype=np.uint8).reshape(2, 4)
    found = resize(image, size=(4, 4), policy="letterbox")
    assert found.tolist() == [[0] * 4, [1, 2, 3, 4], [5, 6, 7, 8], [0] * 4]


def test_crop_keeps_the_aspect_ratio_and_cuts_off_what_stands_out():
    image = np.arange(1, 9, dtype=np.uint8).reshape(2, 4)
    assert resize(image, size=(2, 2), policy="crop").tolist() == [[2, 3], [6, 7]]
    # 4x4 of it magnify the middle 2x2 by two: centres at -0.25, 0.25, 0.75 and 1.25, and outside the edge counts
    found = resize(image, size=(4, 4), policy="crop", interpolation="bilinear")
    assert found[0].tolist() == [2, 2, 3, 3]  # 2, 2.25, 2.75, 3


@pytest.mark.parametrize("policy", ["letterbox", "crop"])
@pytest.mark.parametrize("shape", [(40, 60, 3), (60, 40, 1), (37, 91)])
def test_a_disc_stays_a_disc(policy, shape):
    image = cv2.circle(np.zeros(shape[:2], np.uint8), (shape[1] // 2, shape[0] // 2), 12, 255, -1)
    image = np.stack([image] * shape[2], axis=-1) if len(shape) == 3 else image
    for interpolation in ("area", "bilinear", "nearest"):
        found = resize(image, size=(64, 64), interpolation=interpolation, policy=policy)
        assert found.shape == (64, 64, *shape[2:]) and found.dtype == np.uint8
        seen = found.reshape(64, 64, -1)[..., 0] > 127
        assert abs(int(seen.any(0).sum()) - int(seen.any(1).sum())) <= 1


@pytest.mark.parametrize("policy", ["stretch", "letterbox", "crop"])
def test_a_mask_goes_the_way_of_its_image(policy):
    mask = cv2.circle(np.zeros((90, 160), np.uint8), (90, 40), 20, 255, -1)
    small = resize(mask, size=(72, 72), interpolation="nearest", policy=policy)
    seen = resize(mask, size=(72, 72), policy=policy)
    assert set(np.unique(small)) == {0, 255}
    assert np.sum((small > 0) & (seen > 127)) > 0.85 * np.sum((small > 0) | (seen > 127))


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="resize: policy must be one of stretch, letterbox, crop, got 'pad'"):
        resize(IMAGE, size=(8, 8), policy="pad")
