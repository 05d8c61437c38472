"""Haze: bright clouds in a band near the top, added to what is there."""

import numpy as np
import pytest

from ultraseg.augment import haze

BLACK = np.zeros((200, 160, 1), np.uint8)
MASK = np.zeros((200, 160), np.uint8)


def clouds(index, **options):
    return haze(BLACK, MASK, (index,), **options)[0][..., 0].astype(int)


def test_it_is_added_to_what_is_there():
    for index in range(5):
        found = haze(BLACK + np.uint8(60), MASK, (index,), strength=0.5)[0][..., 0].astype(int)
        np.testing.assert_array_equal(found - 60, clouds(index, strength=0.5))


def test_the_brightest_cloud_is_as_bright_as_the_limit_allows():
    brightest = [clouds(index, strength=0.4).max() for index in range(80)]
    assert 90 < max(brightest) <= 102 and min(brightest) < 8  # 0.4 * 255 = 102


def test_the_band_lies_where_it_was_drawn_and_ends():
    middles = []
    for index in range(60):
        found = clouds(index, strength=1.0, depth=0.5, width=0.05)
        if found.max() > 100:
            rows = found.mean(1)
            middle = np.average(np.arange(200), weights=rows)
            middles.append(middle)
            # five standard deviations of 0.05 * 200 = 10 rows away nothing is left
            assert not found[int(middle) + 55 :].any()
    assert min(middles) < 25 and 80 < max(middles) < 105  # half of 200 rows


def test_clouds_are_as_large_as_they_are_told_to_be():
    def likeness(size, lag):
        found = np.stack([clouds(index, strength=1.0, width=1.0, cloud=size)[:100] for index in range(12)]) / 1.0
        found -= found.mean((1, 2), keepdims=True)
        return np.mean(found[:, :, lag:] * found[:, :, :-lag]) / np.mean(found**2)

    assert likeness(0.25, 8) > 0.8  # 8 of 160 columns within a cloud of 40
    assert likeness(0.02, 8) < 0.3  # across two clouds of 3


def test_no_strength_changes_nothing_and_bright_images_are_clipped():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(haze(image, MASK[:20, :30], (0,), strength=0.0)[0], image)
    found = haze(image, MASK[:20, :30], (0,), strength=1.0)[0]
    assert (found >= image).all() and (found > image).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"strength": 1.5}, r"strength and depth must be in \[0, 1\], got 1.5 and 0.3"),
        ({"depth": -0.1}, r"strength and depth must be in \[0, 1\], got 0.3 and -0.1"),
        ({"width": 0.0}, r"width and cloud must be in \(0, 1\], got 0.0 and 0.1"),
        ({"cloud": 0.0}, r"width and cloud must be in \(0, 1\], got 0.1 and 0.0"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"haze: {sentence}"):
        haze(BLACK, MASK, (0,), **options)
