"""Median: by hand, at the edge of the image too, and each channel by itself."""

import numpy as np
import pytest

from ultraseg.preprocess import median


def test_by_hand():
    image = np.array([[1, 2, 3], [4, 50, 6], [7, 8, 9]], np.uint8)[..., None]
    found = median(image, size=3)[..., 0]
    assert found[1, 1] == 6  # of 1, 2, 3, 4, 6, 7, 8, 9, 50
    # in the corner the edge goes on: 1, 1, 1, 1, 2, 2, 4, 4, 50
    assert found[0, 0] == 2


def test_a_single_bright_pixel_goes_and_an_edge_stays():
    image = np.zeros((20, 20, 1), np.uint8)
    image[:, 10:] = 200
    image[5, 4] = 255
    found = median(image)
    assert not found[:, :10].any() and (found[:, 10:] == 200).all()


@pytest.mark.parametrize("size", [3, 5, 7, 11])
def test_every_channel_by_itself(size):
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    apart = [median(np.ascontiguousarray(image[..., channel : channel + 1]), size=size) for channel in range(3)]
    np.testing.assert_array_equal(median(image, size=size), np.concatenate(apart, axis=-1))


def test_a_size_of_1_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(median(image, size=1), image)


@pytest.mark.parametrize("size", [0, 4, -3])
def test_a_size_that_has_no_middle_is_refused(size):
    with pytest.raises(ValueError, match=f"median: size must be odd and at least 1, got {size}"):
        median(np.zeros((4, 4, 1), np.uint8), size=size)
