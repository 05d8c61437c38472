"""Zoom: areas grow by the factor squared, the crop lies inside the image, at a random place."""

import numpy as np
import pytest

from ultraseg.augment import zoom


def test_areas_grow_by_the_factor_squared():
    mask = np.zeros((81, 81), np.uint8)
    mask[35:46, 35:46] = 1
    for index in range(20):
        # magnified by 1.5, a crop shows 54 of 81 columns, and columns 27 to 54 wherever it lies
        grown = zoom(mask[..., None], mask, (index,), low=1.5, high=1.5)[1]
        assert grown.any(0).sum() == pytest.approx(16.5, abs=1)
        assert grown.sum() == pytest.approx(2.25 * 121, abs=2 * 16)


def test_a_magnified_ramp_is_a_part_of_the_ramp():
    # 0, 2, ..., 160 from left to right; magnified by 2 it spans 80 grey values, anywhere within
    ramp = np.tile(np.arange(81, dtype=np.uint8) * 2, (81, 1))[..., None]
    lefts = []
    for index in range(60):
        moved = zoom(ramp, ramp[..., 0], (index,), low=2.0, high=2.0)[0][..., 0].astype(int)
        assert moved[0, -1] - moved[0, 0] == pytest.approx(80, abs=2)
        assert moved.min() >= 0 and moved.max() <= 160
        lefts.append(moved[0, 0])
    assert min(lefts) < 10 and max(lefts) > 70


def test_below_1_the_mirror_image_fills_the_rest():
    image = np.full((30, 50, 1), 90, np.uint8)
    assert (zoom(image, image[..., 0] // 90, (0,), low=0.5, high=0.5)[0] == 90).all()


def test_a_factor_of_1_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(zoom(image, image[..., 0] // 128, (0,), low=1.0, high=1.0)[0], image)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (1.2, 1.1), (float("nan"), 1.0)])
def test_factors_out_of_range_are_refused(low, high):
    with pytest.raises(ValueError, match="zoom: factors must fulfil 0 < low <= high, got"):
        zoom(np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4), np.uint8), (0,), low=low, high=high)
