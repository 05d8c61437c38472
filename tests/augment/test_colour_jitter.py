"""Colour jitter: each of its four steps by hand, and both orders of two of them."""

import colorsys

import numpy as np
import pytest

from ultraseg.augment import colour_jitter

MASK = np.zeros((1, 2), np.uint8)
NONE = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}


def jittered(pixels, index, **options):
    image = np.array(pixels, np.uint8).reshape(1, 2, -1)
    return colour_jitter(image, MASK, (index,), **{**NONE, **options})[0].reshape(2, -1).astype(int)


def test_no_limits_change_nothing():
    pixels = [[200, 100, 50], [0, 255, 7]]
    for index in range(20):
        assert jittered(pixels, index).tolist() == pixels


def test_brightness_multiplies():
    factors = []
    for index in range(200):
        low, high = jittered([50, 200], index, brightness=0.2).ravel()
        factors.append(high / 200)
        assert low == pytest.approx(50 * high / 200, abs=1)
    assert 0.795 <= min(factors) < 0.82 and 1.18 < max(factors) <= 1.205


@pytest.mark.parametrize("repeat", [1, 3])
def test_contrast_multiplies_the_distance_from_the_mean_luma(repeat):
    factors = []
    for index in range(200):
        found = jittered([[80] * repeat, [120] * repeat], index, contrast=0.5)
        factors.append((found[1, 0] - found[0, 0]) / 40)
        np.testing.assert_allclose(found.sum(0), 200, atol=1)  # the mean of 100 stays
    assert 0.5 <= min(factors) < 0.56 and 1.44 < max(factors) <= 1.5


def test_saturation_multiplies_the_distance_from_the_luma():
    # luma of 200, 100, 50 is 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    factors = []
    for index in range(100):
        found = jittered([[200, 100, 50]] * 2, index, saturation=0.5)[0]
        factors.append((found[0] - 124) / 76)
        np.testing.assert_allclose(found, 124 + factors[-1] * np.array([76, -24, -74]), atol=1.1)
    assert 0.48 <= min(factors) < 0.56 and 1.44 < max(factors) <= 1.52


def test_hue_turns_on_the_circle():
    # pure red has nothing but hue: turned by h it has 6 h of green, or of blue the other way
    turns = []
    for index in range(100):
        red, green, blue = jittered([[255, 0, 0]] * 2, index, hue=0.1)[0]
        assert red == 255 and 0 in (green, blue)
        turns.append((green - blue) / 255 / 6)
    assert -0.101 < min(turns) < -0.09 and 0.09 < max(turns) < 0.101


def test_hue_keeps_lightness_and_saturation_of_any_colour():
    for index in range(30):
        before = colorsys.rgb_to_hsv(*np.array([90, 200, 140]) / 255)
        after = colorsys.rgb_to_hsv(*jittered([[90, 200, 140]] * 2, index, hue=0.5)[0] / 255)
        np.testing.assert_allclose(after[1:], before[1:], atol=0.006)


def test_a_grey_image_has_no_saturation_and_no_hue():
    for index in range(20):
        assert jittered([70, 180], index, saturation=1.0, hue=0.5).ravel().tolist() == [70, 180]


def test_the_order_is_drawn():
    """Black and white under more brightness and less contrast: which one came first is seen in their sum.

    Brightness first clips white to 255 and contrast then keeps the mean: the sum stays 255. Contrast first makes room
    for brightness to raise both.
    """
    sums = [
        sum(ends)
        for index in range(200)
        if (ends := jittered([0, 255], index, brightness=0.5, contrast=0.5).ravel())[0]
    ]
    assert sum(254 <= total <= 256 for total in sums) > 15
    assert sum(total > 265 for total in sums) > 15


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"brightness": 1.1}, r"brightness must be in \[0, 1\], got 1.1"),
        ({"contrast": -0.1}, r"contrast must be in \[0, 1\], got -0.1"),
        ({"saturation": float("nan")}, r"saturation must be in \[0, 1\], got nan"),
        ({"hue": 0.6}, r"hue must be in \[0, 0.5\], got 0.6"),
    ],
)
def test_limits_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"colour jitter: {sentence}"):
        jittered([1, 2], 0, **options)
