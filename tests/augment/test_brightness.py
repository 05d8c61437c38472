"""Brightness: one offset within its limit, clipped, and the mask as it was."""

import numpy as np
import pytest

from ultraseg.augment import brightness

MASK = np.zeros((4, 4), np.uint8)


def brighter(image, seed, **options):
    return brightness(image, MASK, seed, **options)[0].astype(int)


def test_one_offset_for_all_pixels_drawn_from_the_whole_range():
    ramp = np.arange(80, 96, dtype=np.uint8).reshape(4, 4, 1)
    offsets = [np.unique(brighter(ramp, (index,)) - ramp) for index in range(200)]
    assert all(len(offset) == 1 for offset in offsets)
    assert -51 <= min(offsets) < -45 and 45 < max(offsets) <= 51  # 0.2 * 255 = 51


def test_values_are_clipped_not_wrapped():
    ends = np.array([0, 255], np.uint8).reshape(1, 2, 1)
    for index in range(20):
        low, high = brightness(ends, MASK, (index,), limit=1.0)[0].ravel().astype(int)
        assert low <= high and (low == 0 or high == 255)


def test_a_limit_of_0_changes_nothing():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    np.testing.assert_array_equal(brighter(image, (0,), limit=0), image)


@pytest.mark.parametrize("limit", [-0.1, 1.1, float("nan")])
def test_a_limit_out_of_range_is_refused(limit):
    with pytest.raises(ValueError, match=r"brightness: limit must be in \[0, 1\], got"):
        brighter(np.zeros((4, 4, 1), np.uint8), (0,), limit=limit)
