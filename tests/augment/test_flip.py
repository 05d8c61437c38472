"""Flips: by hand, and each as often as its chance."""

import numpy as np
import pytest

from ultraseg.augment import flip

IMAGE = np.array([[1, 2], [3, 4]], np.uint8)[..., None]
MASK = np.array([[1, 0], [0, 0]], np.uint8)


@pytest.mark.parametrize(
    ("horizontal", "vertical", "image", "mask"),
    [
        (0, 0, [[1, 2], [3, 4]], [[1, 0], [0, 0]]),
        (1, 0, [[2, 1], [4, 3]], [[0, 1], [0, 0]]),
        (0, 1, [[3, 4], [1, 2]], [[0, 0], [1, 0]]),
        (1, 1, [[4, 3], [2, 1]], [[0, 0], [0, 1]]),
    ],
)
def test_by_hand(horizontal, vertical, image, mask):
    moved, outline = flip(IMAGE, MASK, (0,), horizontal=horizontal, vertical=vertical)
    assert moved[..., 0].tolist() == image and outline.tolist() == mask


def test_each_as_often_as_its_chance():
    drawn = [flip(IMAGE, MASK, (7, index), horizontal=0.5, vertical=0.2)[1] for index in range(1000)]
    # 1,000 draws of 0.5 and 0.2: standard deviations 16 and 13
    assert sum(mask[:, 1].any() for mask in drawn) == pytest.approx(500, abs=64)
    assert sum(mask[1].any() for mask in drawn) == pytest.approx(200, abs=52)


@pytest.mark.parametrize("options", [{"horizontal": -0.1}, {"vertical": 1.1}, {"horizontal": float("nan")}])
def test_a_chance_out_of_range_is_refused(options):
    with pytest.raises(ValueError, match=r"flip: chances must be in \[0, 1\], got"):
        flip(IMAGE, MASK, (0,), **options)
