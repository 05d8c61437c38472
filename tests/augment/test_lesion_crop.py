"""Lesion crop: as large as drawn, anywhere, with enough of the lesion in it."""

import numpy as np
import pytest

from ultraseg.augment import lesion_crop

RAMP = np.stack([np.tile(np.arange(100, dtype=np.uint8), (100, 1)), np.indices((100, 100))[0].astype(np.uint8)], -1)
"""Two channels that say which column and which row a pixel was taken from."""


def box(top, bottom, left, right):
    mask = np.zeros((100, 100), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def window(found):
    """Top, bottom, left and right of the part that was cut out, as the ramps tell."""
    return int(found[0, 0, 1]), int(found[-1, 0, 1]) + 1, int(found[0, 0, 0]), int(found[0, -1, 0]) + 1


@pytest.mark.parametrize("keep", [0.5, 0.9, 1.0])
def test_at_least_the_stated_part_of_the_lesion_is_kept(keep):
    mask, parts = box(10, 40, 20, 60), []
    for index in range(150):
        top, bottom, left, right = window(lesion_crop(RAMP, mask, (index,), smallest=0.25, largest=0.5, keep=keep)[0])
        parts.append(np.count_nonzero(mask[top:bottom, left:right]) / (30 * 40))
    assert min(parts) >= keep - 1e-9 and max(parts) == 1
    assert keep == 1 or min(parts) < keep + 0.1  # and it is no more careful than that


def test_areas_are_drawn_between_the_limits_and_the_aspect_ratio_stays():
    areas, lefts = [], []
    for index in range(150):
        found = lesion_crop(RAMP, box(0, 0, 0, 0), (index,), smallest=0.3, largest=0.8)[0]
        top, bottom, left, right = window(found)
        assert bottom - top == right - left
        areas.append((bottom - top) ** 2 / 1e4)
        lefts.append(left / (100 - (right - left)))
    assert 0.28 < min(areas) < 0.34 and 0.76 < max(areas) < 0.82
    assert min(lefts) < 0.1 and max(lefts) > 0.9


def test_where_no_place_does_it_is_centred_on_the_lesion():
    # corners keep nothing of a lesion in the middle if they are tried once; 40 of 100 rows about (30 + 40) / 2
    found = {
        window(lesion_crop(RAMP, box(30, 40, 50, 60), (i,), smallest=0.16, largest=0.16, attempts=1)[0])
        for i in range(30)
    }
    assert (15, 55, 35, 75) in found


def test_a_crop_smaller_than_the_lesion_grows_to_hold_it():
    # 80 of 100 columns: so the crop is 80x80 about the middle, row 50 and column 50
    moved, outline = lesion_crop(RAMP, box(45, 55, 10, 90), (0,), smallest=0.1, largest=0.1, keep=1.0)
    assert window(moved) == (10, 90, 10, 90)
    assert outline.any(0).all()
    # rows 45 to 55 of 10 to 90 magnified by 1.25: 43.75 to 56.25, and pixels whose centres lie in it
    assert np.flatnonzero(outline.any(1))[[0, -1]].tolist() == [44, 55]


def test_a_lesion_at_the_edge_keeps_the_crop_inside():
    for index in range(20):
        found = lesion_crop(RAMP, box(0, 3, 97, 100), (index,), smallest=0.1, largest=0.1, keep=1.0, attempts=1)[0]
        top, bottom, left, right = window(found)
        assert (top, right) == (0, 100) and bottom - top == right - left == 32  # the root of 0.1


def test_a_part_of_every_structures_union_is_what_counts():
    union = box(10, 40, 20, 60)
    structures = np.stack([union * (np.indices(union.shape)[0] < 25), union * (np.indices(union.shape)[0] >= 25)], -1)
    for index in range(20):
        one = lesion_crop(RAMP, union, (index,), smallest=0.2)[0]
        np.testing.assert_array_equal(lesion_crop(RAMP, structures.astype(np.uint8), (index,), smallest=0.2)[0], one)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"smallest": 0.0}, "wanted 0 < smallest <= largest <= 1, got 0.0 and 1.0"),
        ({"smallest": 0.9, "largest": 0.5}, "wanted 0 < smallest <= largest <= 1, got 0.9 and 0.5"),
        ({"keep": 1.1}, r"keep must be in \[0, 1\], got 1.1"),
        ({"attempts": 0}, "attempts must be at least 1, got 0"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"lesion_crop: {sentence}"):
        lesion_crop(RAMP, box(0, 1, 0, 1), (0,), **options)
