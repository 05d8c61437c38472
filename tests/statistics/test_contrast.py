"""By hand and against SciPy: the difference between two strata with its interval."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.statistics.tables import table
from ultraseg.statistics import contrast


def strata(names):
    return pd.Series(list(names), index=[f"image {place:03}" for place in range(len(names))])


def test_by_hand():
    # large: (0.2 + 0.4 + 0.6) / 3 = 0.4; small: (0.9 + 0.7) / 2 = 0.8; the m is in neither.
    found = contrast(
        table({"a": [0.2, 0.4, 0.6, 0.9, 0.7, 0.1]}, group=[0, 0, 1, 2, 3, 4]), "a", strata("lllssm"), "l", "s"
    )
    assert found.difference == pytest.approx(-0.4)
    assert (found.images, found.groups, found.seeds, found.folds, found.left_out) == (5, 4, 1, 1, 0)
    assert found.low < -0.4 < found.high and found.note.startswith("2 groups of images, fewer than 6")


def test_with_strata_of_separate_groups_it_is_scipys_bca_of_two_samples():
    generator = np.random.default_rng(2)
    large, small = generator.normal(0.6, 0.1, 12), generator.normal(0.7, 0.2, 15)
    found = contrast(table({"a": [*large, *small]}), "a", strata("l" * 12 + "s" * 15), "l", "s", resamples=500, seed=5)

    def difference(x, y, axis):
        return x.mean(axis) - y.mean(axis)

    theirs = stats.bootstrap((large, small), difference, n_resamples=500, rng=np.random.default_rng(5))
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=1e-12)
    assert found.low < large.mean() - small.mean() < found.high


def test_groups_in_both_strata_are_paired():
    # Every group holds an image of each stratum, 0.1 apart: the groups' own spread has no part in the difference.
    base = np.random.default_rng(0).normal(0, 1, 10)
    scores = table(
        {"a": np.stack([base, base + 0.1 + np.linspace(-0.01, 0.01, 10)], 1).ravel()}, group=np.arange(20) // 2
    )
    found = contrast(scores, "a", strata("sl" * 10), "l", "s")
    assert found.difference == pytest.approx(0.1) and 0.09 < found.low < 0.1 < found.high < 0.11


def test_a_stratum_is_never_left_empty_by_a_draw():
    # One group in the first stratum alone and one in both: drawing three groups freely would often miss the first.
    scores = table({"a": [0.1, 0.3, 0.5, 0.8, 0.9, 0.7]}, group=[0, 1, 1, 2, 3, 4])
    found = contrast(scores, "a", strata("ffssss"), "f", "s", resamples=500)
    assert np.isfinite([found.low, found.high]).all() and found.low < found.difference < found.high


def test_what_cannot_be_drawn_has_no_ends():
    found = contrast(table({"a": [0.1, 0.3, 0.5]}, group=[0, 0, 1]), "a", strata("ffs"), "f", "s")
    assert found.difference == pytest.approx(-0.3) and math.isnan(found.low) and "no interval" in found.note
    both = contrast(table({"a": [0.1, 0.3, 0.2, 0.5]}, group=[0, 1, 1, 2]), "a", strata("ffss"), "f", "s")
    assert math.isnan(both.high) and both.note == "Too few groups of images to draw from: no interval."


def test_equal_images_differ_by_an_interval_of_no_width():
    found = contrast(table({"a": [0.3] * 6 + [0.5] * 6}), "a", strata("f" * 6 + "s" * 6), "f", "s")
    assert found.low == found.high == found.difference == pytest.approx(-0.2) and found.note == ""


def test_a_stratum_without_defined_images_is_refused():
    scores = table({"a": [0.1, np.nan, 0.3]})
    with pytest.raises(ValueError, match="images of the stratum 's' were wanted, row 'a' has none that is defined"):
        contrast(scores, "a", strata("fsf"), "f", "s")
