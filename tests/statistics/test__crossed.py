"""By hand and against the mean squares: the standard error with networks and images both random."""

import math

import numpy as np
import pytest
from scipy import stats

from tests.statistics.tables import table
from ultraseg.statistics._crossed import crossed
from ultraseg.statistics._scores import one


def drawn(seeds, folds, groups, images=1, *, training=0.0, seed=0):
    """A balanced table of differences: `groups` in each fold, `images` in each group."""
    generator = np.random.default_rng(seed)
    fold, group = np.divmod(np.arange(folds * groups * images) // images, groups)
    shape = seeds, folds * groups * images
    trial = generator.normal(0, 0.1, (seeds, folds)) + generator.normal(0, training, folds)
    own = generator.normal(0, 0.1, folds * groups)[fold * groups + group]
    return one(
        "test", table({"a": trial[:, fold] + own + generator.normal(0, 0.1, shape)}, fold * groups + group, fold), "a"
    )


def test_one_fold_by_hand():
    # Two seeds, three groups of one image: [[1, 2, 6], [1, 4, 10]]; seed means 3, 5; group means 1, 3, 8; mean 4.
    # By trial: var(3, 5) / 2 = 1. By group: (9 + 1 + 16) / 9 * 3/2 = 13/3.
    # Rest [[1, 0, -1], [-1, 0, 1]]: variances over seeds 2, 0, 2, halved: (1 + 0 + 1) / 9 * 3/2 = 1/3.
    # Variance 1 + (13/3 - 1/3) = 5, the first with one degree of freedom, the second with two.
    found = crossed(one("test", table({"a": [[1, 2, 6], [1, 4, 10]]}), "a"))
    assert found.error == pytest.approx(math.sqrt(5)) and found.note == ""
    assert found.parts == (pytest.approx((1, 1)), pytest.approx((4, 2)))
    one_freedom, two_freedom = stats.t.ppf(1 - 0.05 / 12, [1, 2])
    assert found.resolvable(6) == pytest.approx(math.sqrt(one_freedom**2 * 1 + two_freedom**2 * 4))


@pytest.mark.parametrize("images", [1, 3])
def test_with_equal_folds_and_groups_it_is_the_mean_squares(images):
    seeds, folds, groups = 3, 4, 6
    scores = drawn(seeds, folds, groups, images)
    cells = scores.values.reshape(seeds, folds, groups, images).mean(-1)
    by_fold, by_trial, by_group = cells.mean((0, 2), keepdims=True), cells.mean(2, keepdims=True), cells.mean(0)
    trials = groups * np.sum((by_trial - by_fold) ** 2) / (folds * (seeds - 1))
    ours = seeds * np.sum((by_group - by_fold[0]) ** 2) / (folds * (groups - 1))
    rest = np.sum((cells - by_trial - by_group + by_fold) ** 2) / (folds * (seeds - 1) * (groups - 1))
    between = seeds * groups * np.var(by_fold, ddof=1)
    found = crossed(scores)
    assert between < trials + ours - rest and found.note == ""
    assert found.error**2 == pytest.approx((trials + ours - rest) / (seeds * folds * groups))
    assert [freedom for _, freedom in found.parts] == pytest.approx([folds * (seeds - 1), folds * (groups - 1)])


def test_groups_of_many_images_weigh_by_them():
    # Both seeds alike, so trials are 0: groups of 3, 1 and 1 images with means 1, 2, 3; mean (3 + 2 + 3) / 5 = 1.6.
    # By group: (9 * 0.6² + 0.4² + 1.4²) / 25 * 3/2 = 5.36 / 25 * 1.5; the rest is 0.
    values = [[1, 1, 1, 2, 3]] * 2
    found = crossed(one("test", table({"a": values}, group=[0, 0, 0, 1, 2]), "a"))
    assert found.error**2 == pytest.approx(5.36 / 25 * 1.5)
    assert found.parts[1][1] == pytest.approx(
        2 / 3 * 11**2 / 83
    )  # (9 + 1 + 1)² / (81 + 1 + 1) groups, two of three left


def test_it_is_never_below_trials_or_groups_alone():
    # Trials 0 and groups 0, all is in the rest: 0 + 0 - rest would be negative.
    assert crossed(one("test", table({"a": [[1, -1], [-1, 1]]}), "a")).error == 0
    # Trials 0, group means -1 and 1, so by group (1 + 1) / 4 * 2/1 = 1; rest (2² + 2²) of [[-2, 2], [2, -2]] is more.
    assert crossed(one("test", table({"a": [[-3, 3], [1, -1]]}), "a")).error == pytest.approx(1)
    # Groups 0, seed means 1 and -1, so by trial 2 / 2 = 1.
    assert crossed(one("test", table({"a": [[4, -2], [-4, 2]]}), "a")).error == pytest.approx(1)


def test_folds_that_differ_by_more_are_taken_for_themselves():
    scores = drawn(3, 5, 8, training=2.0)
    found = crossed(scores)
    means = [scores.values[:, scores.fold == fold].mean() for fold in range(5)]
    assert found.error == pytest.approx(np.std(means, ddof=1) / math.sqrt(5))
    assert found.parts[0][1] == pytest.approx(4)
    assert found.note.startswith("The folds differ by more than trials and images explain")


def test_one_seed_takes_its_share_from_the_folds_and_without_folds_claims_nothing():
    found = crossed(one("test", table({"a": [1, 3, 2, 8]}, fold=[0, 0, 1, 1]), "a"))
    assert found.error == pytest.approx(3 / math.sqrt(2) / math.sqrt(2))
    assert found.parts[0][1] == pytest.approx(1)
    assert found.note == "One seed: its share is taken from the spread between folds."
    found = crossed(one("test", table({"a": [1, 3, 2, 8]}), "a"))
    assert math.isnan(found.error) and math.isnan(found.resolvable(1)) and "beyond these trained networks" in found.note


def test_folds_of_one_group():
    two = [[1, 3], [2, 8]]
    alone = crossed(one("test", table({"a": two}, group=[0, 0]), "a"))
    assert math.isnan(alone.error) and alone.note.startswith("One group of images")
    found = crossed(one("test", table({"a": two}, fold=[0, 1]), "a"))
    assert found.error == pytest.approx((5.5 - 1.5) / 2) and "a single group" in found.note
    three = crossed(one("test", table({"a": [[1, 3, 5], [2, 8, 7]]}, fold=[0, 0, 1]), "a"))
    assert "a single group" in three.note


def test_differences_that_are_all_alike_have_no_error():
    found = crossed(one("test", table({"a": [[0.0] * 6] * 2}, fold=[0, 0, 0, 1, 1, 1]), "a"))
    assert found.error == 0 and found.resolvable(3) == 0
