"""Shadow: it starts at a depth, goes on to the bottom, and has soft edges."""

import numpy as np
import pytest

from ultraseg.augment import shadow

FLAT = np.full((100, 200, 1), 200, np.uint8)
NONE = np.zeros((100, 200), np.uint8)


def lesion():
    mask = NONE.copy()
    mask[30:50, 60:90] = 255
    return mask


def test_a_shadow_starts_once_and_goes_on_to_the_bottom():
    starts = []
    for index in range(60):
        found = shadow(FLAT, NONE, (index,), count=1)[0][..., 0].astype(int)
        assert (np.diff(found, axis=0) <= 0).all()  # never lighter further down
        if found.min() < 198:
            starts.append(np.flatnonzero((found < 200).any(1))[0])
    assert min(starts) < 10 and 60 < max(starts) <= 80  # the upper three quarters and the time to set in


def test_a_shadow_is_a_gaussian_across_the_beam():
    checked = 0
    for index in range(40):
        bottom = shadow(FLAT, NONE, (index,), count=1, strength=1.0, width=0.2)[0][-1, :, 0]
        dark = 1 - bottom / 200
        middle = int(dark.argmax())
        if dark.max() < 0.4 or not 50 < middle < 150:
            continue
        # two standard deviations wide where the Gaussian is at exp(-1 / 2) = 0.607 of its height
        width = np.count_nonzero(dark > 0.607 * dark.max())
        assert 9 <= width <= 41  # from a quarter of 0.2 * 200 pixels to all of it
        side = round(width / 2)
        assert dark[middle + 2 * side] == pytest.approx(dark.max() * np.exp(-2), abs=0.06)
        assert dark[middle - 2 * side] == pytest.approx(dark.max() * np.exp(-2), abs=0.06)
        checked += 1
    assert checked > 5


def test_strengths_reach_the_limit_and_no_further():
    darkest = [1 - shadow(FLAT, NONE, (index,), count=1, strength=0.6)[0].min() / 200 for index in range(80)]
    assert 0.55 < max(darkest) <= 0.605 and min(darkest) < 0.05


def test_below_a_lesion_it_starts_where_the_lesion_ends():
    for index in range(40):
        found = shadow(FLAT, lesion(), (index,), start="lesion", strength=1.0, count=1, width=0.05)[0][..., 0]
        assert (found[:50] == 200).all()
        if found.min() < 150:
            # as soon as it shows and as dark as it gets, it is below the lesion
            assert 60 <= found[-1].argmin() < 90 and found[60].min() == found[-1].min()


def test_below_a_lesion_of_several_structures_too():
    structures = np.stack([NONE, lesion()], axis=-1)
    for index in range(5):
        there = shadow(FLAT, structures, (index,), start="lesion")[0]
        np.testing.assert_array_equal(there, shadow(FLAT, lesion(), (index,), start="lesion")[0])


def test_without_a_lesion_it_starts_anywhere():
    for index in range(5):
        there = shadow(FLAT, NONE, (index,), start="lesion")[0]
        np.testing.assert_array_equal(there, shadow(FLAT, NONE, (index,), start="random")[0])
        assert (there != shadow(FLAT, lesion(), (index,), start="lesion")[0]).any()


def test_every_count_up_to_the_most_happens():
    wide, none, seen = np.full((20, 2000, 1), 200, np.uint8), np.zeros((20, 2000), np.uint8), set()
    for index in range(60):
        bottom = shadow(wide, none, (index,), count=3, strength=1.0, width=0.01)[0][-1, :, 0]
        seen.add(np.count_nonzero(np.diff((bottom < 195).astype(int)) == 1) + int(bottom[0] < 195))
    assert seen >= {1, 2, 3} and max(seen) == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"strength": -0.1}, r"strength must be in \[0, 1\], got -0.1"),
        ({"width": 0.0}, r"width must be in \(0, 1\], got 0.0"),
        ({"count": 0}, "count must be at least 1, got 0"),
        ({"start": "skin"}, "start must be random or lesion, got 'skin'"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"shadow: {sentence}"):
        shadow(FLAT, NONE, (0,), **options)
