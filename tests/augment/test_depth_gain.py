"""Depth gain: by hand for a straight attenuation and for sliders, decibels as grey levels."""

import numpy as np
import pytest

from ultraseg.augment import depth_gain

FLAT = np.full((5, 3, 1), 100, np.uint8)
MASK = np.zeros((5, 3), np.uint8)


def rows(index, **options):
    """The gain of every row in grey levels; all columns have the same."""
    found = depth_gain(FLAT, MASK, (index,), **options)[0][..., 0].astype(int) - 100
    assert (found == found[:, :1]).all()
    return found[:, 0]


def test_attenuation_is_a_straight_line_in_decibels():
    bottoms = []
    for index in range(60):
        # 51 dB on 255 grey levels: 5 levels a dB, so at most 50 at the bottom
        found = rows(index, attenuation=10.0, compensation=0.0, dynamic_range=51.0)
        np.testing.assert_allclose(found, found[-1] * np.array([0, 0.25, 0.5, 0.75, 1]), atol=1)
        bottoms.append(found[-1])
    assert -50 <= min(bottoms) < -42 and 42 < max(bottoms) <= 50


def test_sliders_give_the_gain_where_they_stand_and_the_mean_half_way():
    levels = []
    for index in range(60):
        found = rows(index, attenuation=0.0, compensation=4.0, sliders=3, dynamic_range=51.0)
        np.testing.assert_allclose(found[[1, 3]], [(found[0] + found[2]) / 2, (found[2] + found[4]) / 2], atol=1)
        levels += found[::2].tolist()
    assert -20 <= min(levels) < -18 and 18 < max(levels) <= 20
    assert len(set(levels)) > 20


def test_the_curve_is_flat_at_the_sliders():
    tall, mask = np.full((201, 1, 1), 128, np.uint8), np.zeros((201, 1), np.uint8)
    options = {"attenuation": 0.0, "compensation": 20.0, "sliders": 3, "dynamic_range": 60.0}
    found = depth_gain(tall, mask, (1,), **options)[0].ravel().astype(int)
    assert abs(found[4] - found[0]) <= 1 and abs(found[100] - found[96]) <= 1 and abs(found[104] - found[100]) <= 1
    assert abs(found[60] - found[40]) > 10


def test_a_gain_of_the_whole_range_clips_and_no_echo_stays_none():
    image = np.array([0, 1, 255], np.uint8).reshape(1, 3, 1).repeat(9, 0)
    seen = set()
    for index in range(20):
        found = depth_gain(image, np.zeros((9, 3), np.uint8), (index,), attenuation=1e6, compensation=0.0)[0]
        assert not found[:, 0].any() and found[0].ravel().tolist() == [0, 1, 255]
        seen.add(tuple(found[-1].ravel().tolist()))
    assert seen == {(0, 0, 0), (0, 255, 255)}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"attenuation": -1.0}, "gains must be at least 0 dB, got -1.0 and 6.0"),
        ({"compensation": float("nan")}, "gains must be at least 0 dB, got 6.0 and nan"),
        ({"sliders": 1}, "at least 2 sliders are wanted, got 1"),
        ({"dynamic_range": 0.0}, "the dynamic range must be above 0 dB, got 0.0"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"depth_gain: {sentence}"):
        depth_gain(FLAT, MASK, (0,), **options)
