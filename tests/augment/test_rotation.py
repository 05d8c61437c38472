"""Rotation: about the centre, within its limit, the mirror image in the corners."""

import cv2
import numpy as np
import pytest

from ultraseg.augment import rotation


def square(side=41):
    mask = np.zeros((side, side), np.uint8)
    mask[8:17, 10:19] = 1
    return mask[..., None] * np.uint8(255), mask


def centre(mask):
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean() - 20, rows.mean() - 20])  # from the middle of 41 x 41 pixels


def test_the_mask_turns_about_the_centre_within_the_limit():
    image, mask = square()
    start, angles = centre(mask), []
    for index in range(60):
        turned = centre(rotation(image, mask, (index,), degrees=20.0)[1])
        assert np.hypot(*turned) == pytest.approx(np.hypot(*start), abs=0.5)
        angles.append(np.degrees(np.arctan2(start[0] * turned[1] - start[1] * turned[0], start @ turned)))
    assert -21 < min(angles) < -15 and 15 < max(angles) < 21


def test_it_turns_as_opencv_does_by_the_angle_that_was_drawn():
    image, mask = square()
    angle = np.random.default_rng((4, 2)).uniform(-15, 15)
    matrix = cv2.getRotationMatrix2D((20, 20), angle, 1.0)
    expected = cv2.warpAffine(image, matrix, (41, 41), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    np.testing.assert_array_equal(rotation(image, mask, (4, 2))[0][..., 0], expected)


def test_the_corners_are_filled_with_the_image():
    image = np.full((30, 50, 1), 90, np.uint8)
    assert (rotation(image, image[..., 0] // 90, (0,), degrees=180.0)[0] == 90).all()


def test_no_degrees_change_nothing():
    image, mask = square()
    turned, outline = rotation(image, mask, (0,), degrees=0)
    np.testing.assert_array_equal(turned, image)
    np.testing.assert_array_equal(outline, mask)


@pytest.mark.parametrize("degrees", [-1.0, 181.0, float("nan")])
def test_degrees_out_of_range_are_refused(degrees):
    with pytest.raises(ValueError, match=r"rotation: degrees must be in \[0, 180\], got"):
        rotation(*square(), (0,), degrees=degrees)
