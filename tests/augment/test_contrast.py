"""Contrast: grey values move away from the image's mean or towards it, by one factor."""

import numpy as np
import pytest

from ultraseg.augment import contrast

MASK = np.zeros((2, 2), np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_distances_from_the_mean_are_multiplied(channels):
    # mean 100, distances -40, -20, 20, 40
    image = np.repeat(np.array([60, 80, 120, 140], np.uint8).reshape(2, 2, 1), channels, axis=-1)
    factors = []
    for index in range(200):
        moved = contrast(image, MASK, (index,), limit=0.5)[0][..., 0].ravel().astype(int)
        factor = (moved[3] - moved[0]) / 80
        np.testing.assert_allclose(moved, 100 + factor * np.array([-40, -20, 20, 40]), atol=0.76)
        factors.append(factor)
    assert 0.49 <= min(factors) < 0.53 and 1.47 < max(factors) <= 1.51


def test_values_are_clipped_not_wrapped():
    image = np.array([0, 0, 0, 255], np.uint8).reshape(2, 2, 1)
    for index in range(20):
        moved = contrast(image, MASK, (index,), limit=0.9)[0].ravel()
        assert moved[0] == moved[2] <= moved[3]


def test_a_constant_image_stays():
    image = np.full((2, 2, 1), 77, np.uint8)
    np.testing.assert_array_equal(contrast(image, MASK, (0,))[0], image)


@pytest.mark.parametrize("limit", [-0.1, 1.0, float("nan")])
def test_a_limit_out_of_range_is_refused(limit):
    with pytest.raises(ValueError, match=r"contrast: limit must be in \[0, 1\), got"):
        contrast(np.zeros((2, 2, 1), np.uint8), MASK, (0,), limit=limit)
