"""By hand and against SciPy: a mean with its interval. In many drawn studies: how often it holds the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from tests.statistics import simulated
from tests.statistics.tables import table
from ultraseg.statistics import interval


def test_without_groups_and_with_one_seed_it_is_scipys_bca_of_the_mean():
    values = np.random.default_rng(0).beta(4, 1.5, 30)
    found = interval(table({"a": values}), "a", resamples=500, seed=7)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=500, rng=np.random.default_rng(7)).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(theirs), abs=1e-12)
    assert found.mean == pytest.approx(values.mean())


def test_images_weigh_alike_and_seeds_are_averaged():
    # Image means over seeds: 0.2, 0.4, 0.9; the group of two does not halve its images' weight.
    found = interval(table({"a": [[0.1, 0.4, 0.8], [0.3, 0.4, 1.0]]}, group=[0, 0, 1], fold=[0, 0, 1]), "a")
    assert found.mean == pytest.approx(0.5)
    assert (found.images, found.groups, found.seeds, found.folds, found.left_out) == (3, 2, 2, 2, 0)


def test_two_groups_are_drawn_whole():
    # Groups of mean 0.2 (4 images) and 0.8 (1 image): a draw has mean 0.2, 0.32 (both) or 0.8, and no other.
    found = interval(table({"a": [0.2, 0.2, 0.2, 0.2, 0.8]}, group=[0, 0, 0, 0, 1]), "a")
    assert (found.mean, found.low, found.high) == pytest.approx((0.32, 0.2, 0.8))
    assert found.note == "2 groups of images, fewer than 6: the interval is a rough one."


def test_a_draw_weighs_a_group_by_its_images():
    # Five groups of nine images near 0.2 and five of one near 0.8: (45 * 0.2 + 5 * 0.8) / 50 = 0.26, not 0.5.
    group = [*np.repeat(np.arange(5), 9), 5, 6, 7, 8, 9]
    found = interval(table({"a": [0.2] * 45 + [0.8] * 5}, group), "a")
    assert found.mean == pytest.approx(0.26) and found.low < 0.26 < found.high < 0.5


def test_one_group_has_no_interval():
    found = interval(table({"a": [0.2, 0.4]}, group=[0, 0]), "a")
    assert found.mean == pytest.approx(0.3) and math.isnan(found.low) and math.isnan(found.high)
    assert found.note == "One group of images: no interval."


@pytest.mark.parametrize("score", [0.0, 0.7, 0.1 + 0.2])
def test_equal_groups_have_an_interval_of_no_width(score):
    found = interval(table({"a": [score] * 7}, group=[0, 0, 1, 2, 3, 4, 5]), "a")
    assert found.low == found.high == found.mean == pytest.approx(score) and found.note == ""


def test_too_few_draws_are_refused():
    with pytest.raises(ValueError, match="bootstrap: 99 resamples or more were wanted, got 98"):
        interval(table({"a": [0.2, 0.4]}), "a", resamples=98)


def test_undefined_images_are_counted():
    found = interval(table({"a": [0.2, np.nan, 0.4, np.inf]}), "a")
    assert (found.mean, found.images, found.left_out) == (pytest.approx(0.3), 2, 2)


def test_a_few_studies_hold_the_truth_about_as_often_as_they_say():
    whole, ignored = simulated.coverage(60, resamples=200)
    assert whole >= 0.88 and ignored < 0.85  # three standard errors of 60 below 0.95 are 0.085


@pytest.mark.slow
def test_the_interval_holds_the_truth_in_95_of_100_studies_and_not_where_groups_are_ignored():
    whole, ignored = simulated.coverage(1000, resamples=500)
    assert 0.93 <= whole <= 0.97 and ignored < 0.90
