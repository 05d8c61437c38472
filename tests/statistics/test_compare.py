"""By hand, against SciPy, and in many drawn studies: what a comparison with the baseline calls different."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from tests.statistics import simulated
from tests.statistics.tables import table
from ultraseg.statistics import compare

STEPS = np.array([0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07])


def columns(found, *names):
    return [found.table[name][0] for name in names]


def test_by_hand():
    # All seven differences are above 0. Wilcoxon: two of the 2**7 signs are as extreme. The mean over seeds and
    # images is (0.01 + ... + 0.07) / 7 = 0.04.
    base = np.full((2, 7), 0.5)
    found = compare(table({"a": base, "b": base + [STEPS - 0.005, STEPS + 0.005]}), "a")
    assert columns(found, "difference", "wilcoxon") == pytest.approx([0.04, 2 / 128])
    assert columns(found, "permutation", "permutation_holm", "wilcoxon_holm") == pytest.approx([2 / 128] * 3)
    assert columns(found, "images", "groups", "seeds", "folds", "left_out") == [7, 7, 2, 1, 0]
    assert found.baseline == "a" and found.resolvable == found.table["resolvable"][0]


def test_near_duplicates_count_once():
    # Six groups, the first of five images: sums 5 * 0.01 and 0.02 ... 0.06, all signs by hand.
    group = [0, 0, 0, 0, 0, 1, 2, 3, 4, 5]
    differences = np.array([0.01] * 5 + [0.02, 0.03, -0.04, 0.05, 0.06])
    found = compare(table({"a": np.zeros(10), "b": differences}, group), "a")
    sums = np.array([0.05, 0.02, 0.03, -0.04, 0.05, 0.06])
    drawn = np.array([np.dot(signs, sums) for signs in product((1, -1), repeat=6)])
    assert columns(found, "permutation") == [pytest.approx(2 * np.mean(drawn >= sums.sum() - 1e-12))]
    means = [0.01, 0.02, 0.03, -0.04, 0.05, 0.06]
    assert columns(found, "wilcoxon") == [pytest.approx(stats.wilcoxon(means).pvalue)]
    assert columns(found, "difference", "groups", "images") == pytest.approx([0.017, 6, 10])


def test_holms_steps_by_hand():
    # Wilcoxon with n differences above 0 has p = 2 / 2**n; NaN images make the rows' p 2/128, 2/256 and 2/512.
    base, steps = np.zeros(9), np.arange(1, 10) / 100
    rows = {"a": base}
    for name, count in zip("bcd", (7, 8, 9), strict=True):
        rows[name] = np.where(np.arange(9) < count, steps, np.nan)
    found = compare(table(rows), "a").table
    assert found["wilcoxon"].tolist() == pytest.approx([2 / 128, 2 / 256, 2 / 512])
    # Smallest first: 3 * 2/512, then 2 * 2/256, then 1 * 2/128, never falling.
    assert found["wilcoxon_holm"].tolist() == pytest.approx([2 / 128, 2 * 2 / 256, 3 * 2 / 512])
    assert found["left_out"].tolist() == [2, 1, 0]


def test_fewer_than_six_groups_are_not_tested_and_do_not_count_for_holm():
    base, steps = np.zeros(7), STEPS.copy()
    few = np.where(np.arange(7) < 5, steps, np.nan)
    found = compare(table({"a": base, "b": few, "c": steps}), "a").table
    assert math.isnan(found["wilcoxon"][0]) and math.isnan(found["permutation_holm"][0])
    assert not found["distinguishable"][0]
    assert "5 groups of images, fewer than 6: no test is made." in found["note"][0]
    assert found["wilcoxon_holm"][1] == found["wilcoxon"][1] == pytest.approx(2 / 128)


def test_equal_rows_are_not_different():
    same = np.random.default_rng(0).random((3, 8))
    found = compare(table({"a": same, "b": same}), "a")
    assert columns(found, "difference", "low", "high", "resolvable") == [0, 0, 0, 0]
    assert columns(found, "wilcoxon", "permutation", "distinguishable") == [1, 1, False]


def test_a_difference_over_images_alone_is_not_distinguishable():
    # Every image gains under seed 0 and none under seed 1: sure over images, luck over trainings.
    base = np.zeros((2, 20))
    noise = np.random.default_rng(0).normal(0, 0.001, (2, 20))
    found = compare(table({"a": base, "b": base + [[0.1], [0.02]] + noise}), "a")
    assert found.table["wilcoxon_holm"][0] < 1e-4 and found.table["low"][0] > 0.05
    assert found.table["resolvable"][0] > 0.3 and not found.table["distinguishable"][0]
    sure = compare(table({"a": base, "b": base + [[0.1], [0.1]] + noise}), "a")
    assert sure.table["distinguishable"][0]


def test_one_seed_is_tested_over_images_and_claims_nothing():
    found = compare(table({"a": np.zeros(7), "b": STEPS}), "a")
    assert found.table["wilcoxon_holm"][0] < 0.05 and not found.table["distinguishable"][0]
    assert math.isnan(found.resolvable) and "nothing is claimed beyond" in found.table["note"][0]


def test_the_interval_is_that_of_the_differences():
    generator = np.random.default_rng(1)
    a, b = generator.random((2, 15))
    found = compare(table({"a": a, "b": b}), "a", resamples=300, seed=4)
    theirs = stats.bootstrap((b - a,), np.mean, n_resamples=300, rng=np.random.default_rng(4)).confidence_interval
    assert columns(found, "low", "high") == pytest.approx(list(theirs), abs=1e-12)


def test_draws_follow_the_seed():
    generator = np.random.default_rng(1)
    scores = table({"a": generator.random(30), "b": generator.random(30)})
    first, again, other = (compare(scores, "a", permutations=99, seed=seed) for seed in (0, 0, 1))
    assert first.table.equals(again.table) and not first.table.equals(other.table)


def test_rows_that_cannot_be_paired_are_refused():
    scores = table({"a": [[0.1, 0.2], [0.3, 0.4]], "b": [[0.1, 0.2], [0.3, 0.4]]})
    with pytest.raises(ValueError, match="compare: .* row 'b' with seed 1 has no score for 'image 001'"):
        compare(scores.iloc[:-1], "a")
    with pytest.raises(ValueError, match="compare: row 'b' and the baseline 'a': a finite score under every seed"):
        compare(scores.assign(score=np.nan), "a")
    with pytest.raises(ValueError, match="the baseline must be a row, got 'z'; the rows are 'a', 'b'"):
        compare(scores, "z")


def test_equal_rows_are_called_different_in_few_of_a_few_studies():
    found = simulated.false_alarms(simulated.Design(), 100)
    assert found["distinguishable"] <= 0.12  # 0.05 and three standard errors of 100
    assert found["wilcoxon"] > 0.12, "images alone take the luck of a training for a finding"
    assert simulated.power(simulated.Design(), 2 * found["resolvable"], 30) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("name", simulated.DESIGNS)
def test_equal_rows_are_called_different_in_5_of_100_studies_at_most_and_planted_ones_are_found(name):
    design = simulated.DESIGNS[name]
    found = simulated.false_alarms(design, simulated.studies(design))
    assert found["distinguishable"] <= 0.05
    assert simulated.power(design, 2 * found["resolvable"], 200) >= 0.8
