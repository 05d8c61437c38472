"""Random resized crop: areas and aspect ratios by hand, the way out where none fits, and what a study may write."""

import numpy as np
import pytest

from ultraseg import catalogue
from ultraseg.augment import random_resized_crop
from ultraseg.augment._cropped import resized_crop_window


def windows(count=300, shape=(80, 80), **options):
    given = {"scale": (0.08, 1.0), "ratio": (0.75, 4 / 3), **options}
    return np.array([resized_crop_window(np.random.default_rng(index), shape, **given) for index in range(count)])


@pytest.mark.parametrize(
    ("scale", "ratio", "tall", "wide"),
    [
        (0.25, 1.0, 40, 40),
        (0.25, 4.0, 20, 80),  # 1,600 pixels: sqrt(1600 * 4) by sqrt(1600 / 4)
        (0.04, 0.25, 32, 8),  # 256 pixels: sqrt(256 / 4) wide
    ],
)
def test_sides_by_hand(scale, ratio, tall, wide):
    found = windows(40, scale=(scale, scale), ratio=(ratio, ratio))
    assert set(found[:, 2]) == {tall} and set(found[:, 3]) == {wide}
    assert found[:, 0].max() <= 80 - tall and found[:, 1].max() <= 80 - wide
    assert np.unique(found[:, 0]).size > 10


def test_areas_and_ratios_fill_their_ranges():
    _, _, tall, wide = windows(1000, scale=(0.1, 0.5)).T
    areas, ratios = tall * wide / 6400, wide / tall
    assert areas.mean() == pytest.approx(0.3, abs=0.012)  # three standard errors of 0.115 / sqrt(1000)
    assert 0.09 < areas.min() < 0.11 and 0.48 < areas.max() < 0.52
    assert np.log(ratios).mean() == pytest.approx(0, abs=0.02)
    assert 0.7 < ratios.min() < 0.78 and 1.3 < ratios.max() < 1.4


@pytest.mark.parametrize(
    ("shape", "window"),
    [
        ((10, 100), (0, 43, 10, 13)),  # 10 * 4/3 = 13.3 columns; (100 - 13) // 2 = 43 to the left
        ((100, 10), (43, 0, 13, 10)),  # 10 / (3/4) = 13.3 rows
        ((100, 100), (0, 0, 100, 100)),
    ],
)
def test_where_nothing_fits_it_is_the_middle(shape, window):
    # the whole area at another aspect ratio stands out of the image on one side
    ratio = (0.75, 4 / 3)
    assert {tuple(one) for one in windows(20, shape=shape, scale=(1.0, 1.0), ratio=ratio).tolist()} == {window}


def test_a_part_of_a_ramp_is_stretched_to_the_old_size():
    # a quarter of the area shows 40 of 80 columns, 39 levels from the first to the last
    ramp = np.tile(np.arange(80, dtype=np.uint8), (80, 1))[..., None]
    for index in range(20):
        found, outline = random_resized_crop(ramp, ramp[..., 0], (index,), scale=(0.25, 0.25), ratio=(1.0, 1.0))
        assert int(found[0, -1, 0]) - int(found[0, 0, 0]) == 39
        assert np.abs(found[..., 0].astype(int) - outline).max() <= 1  # the nearest of the levels between


def test_it_may_miss_the_lesion():
    mask = np.zeros((80, 80), np.uint8)
    mask[10:20, 10:20] = 1
    kept = [random_resized_crop(mask[..., None], mask, (index,))[1].any() for index in range(100)]
    assert 10 < sum(kept) < 90


def test_a_study_writes_ranges_as_lists():
    step = catalogue.bind("augment", {"random_resized_crop": {"scale": [0.25, 0.25], "ratio": [1, 1]}})
    ramp = np.tile(np.arange(80, dtype=np.uint8), (80, 1))[..., None]
    found = step(ramp, ramp[..., 0], (0,))[0]
    assert int(found[0, -1, 0]) - int(found[0, 0, 0]) == 39
    written = catalogue.resolve("augment", "random_resized_crop")["random_resized_crop"]
    assert written["scale"] == [0.08, 1.0] and written["ratio"] == pytest.approx([3 / 4, 4 / 3])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scale": (0.0, 1.0)}, r"scale must be two shares, 0 < low <= high <= 1, got \(0.0, 1.0\)"),
        ({"scale": (0.5,)}, r"scale must be two shares, .*, got \(0.5,\)"),
        ({"ratio": (2.0, 1.0)}, r"ratio must be two numbers, 0 < low <= high, got \(2.0, 1.0\)"),
    ],
)
def test_ranges_out_of_order_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"random resized crop: {sentence}"):
        random_resized_crop(np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4), np.uint8), (0,), **options)
