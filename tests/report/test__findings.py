"""By hand: which rows the statistics use, what they find of a planted difference, and what they say."""

import importlib.util

import numpy as np
import pytest

from tests.report.folders import QUESTION
from ultraseg.report._findings import WANTED, find, p_value, sentences, table
from ultraseg.report._sections import sections

SCORES = [0.10, 0.15, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60]
BETTER = [score + 0.21 + 0.01 * place for place, score in enumerate(SCORES)]
"""More by 0.21, 0.22, ..., 0.28, in the mean by 0.245."""
HOLDOUT = "data: {split: {holdout: {}}}\n"
THREE = f"title: Three\n{HOLDOUT}cross: {{optimizer.learning_rate: [1.0, 2.0, 3.0], seed: [0, 1]}}\n"
RATES = ("learning_rate 1.0", "learning_rate 2.0", "learning_rate 3.0")
FACTORS = f"title: Crossed\n{HOLDOUT}cross: {{optimizer: [sgd, adam], loss: [bce, kld], seed: [0, 1]}}\n"


def filled(made, *rows, seeds=3):
    """Give all trials of each row the same scores, moved by a thousandth from seed to seed."""
    for cell, scores in enumerate(rows):
        for place in range(seeds):
            made.put(cell, place, dice=[score + 0.001 * place for score in scores])
    return made


def found(made):
    return find(made.summary())


def said(made, whole=None):
    """The sentences, of findings that are at hand or made anew."""
    summary = made.summary()
    return list(sentences(summary, whole or find(summary)))


def test_a_table_has_a_line_for_every_row_seed_and_image(folder):
    made = filled(folder(), [0.5, 0.25], seeds=2)
    made.put(0, 2, dice=[0.75, 1.0])
    scores = table(made.summary().rows[:1], "dice")
    assert list(scores["seed"]) == [0, 0, 1, 1, 2, 2]
    assert list(scores["image"]) == ["image-0", "image-1"] * 3
    assert list(scores["score"]) == [0.5, 0.25, 0.501, 0.251, 0.75, 1.0]
    assert set(scores["row"]) == {"sgd"} and set(scores["fold"]) == {0}


def test_a_planted_difference_is_distinguishable(folder):
    made = filled(folder(), SCORES, BETTER)
    whole = found(made)
    line = whole.line("adam")
    assert line["difference"] == pytest.approx(0.245)
    assert line["wilcoxon_holm"] == pytest.approx(2 / 2**8)  # eight signs alike, in either direction
    assert line["distinguishable"] and line["resolvable"] < 0.245
    assert whole.line("sgd") is None
    [told] = [sentence for sentence in said(made, whole) if "Distinguishable from" in sentence]
    assert told.endswith('(in bold, or dist.): "adam".')
    assert not [one for one in said(made, whole) if "Not distinguishable" in one]


def test_the_same_scores_twice_are_not_distinguishable(folder):
    made = filled(folder(), SCORES, SCORES)
    whole = found(made)
    line = whole.line("adam")
    assert (line["difference"], line["wilcoxon_holm"], line["distinguishable"]) == (0.0, 1.0, False)
    [told] = [sentence for sentence in said(made, whole) if "istinguishable from" in sentence]
    assert told.startswith("Not distinguishable") and told.endswith(': "adam".')


def test_what_the_luck_of_a_trial_can_make_is_not_claimed(folder):
    made = folder()
    for place, luck in enumerate((-0.4, 0.0, 0.4)):  # sd of the trials' means 0.4, their mean 0.245 above the other's
        made.put(0, place, dice=SCORES)
        made.put(1, place, dice=[score + luck for score in BETTER])
    whole = found(made)
    line = whole.line("adam")
    assert line["wilcoxon_holm"] < 0.05 and line["resolvable"] > line["difference"]
    assert not line["distinguishable"]


def test_more_than_the_largest_difference_that_there_can_be_is_no_number(folder):
    made = folder()
    for place, luck in enumerate((-0.9, 0.0, 0.9)):
        made.put(0, place, dice=SCORES)
        made.put(1, place, dice=[score + luck for score in BETTER])
    whole = found(made)
    assert whole.comparison.resolvable > 1
    [told] = [sentence for sentence in said(made, whole) if "resolve" in sentence and "alpha" in sentence]
    assert "resolves no difference of dice" in told and "3 seeds" in told
    [section] = [part for part in sections(made.summary(), whole, []) if part.name == "statistics"]
    assert list(section.words["smallest resolvable"]) == ["–", "none"]


def test_it_is_said_what_the_comparison_is_over_and_what_it_can_resolve(folder):
    made = filled(folder(), SCORES, BETTER)
    against, resolves = said(made)[:2]
    assert "sgd" in against and "8 images in 8 groups" in against and "Holm" in against
    assert f"can resolve over other trainings too is {found(made).comparison.resolvable:.4f}" in resolves


def test_means_and_spreads_are_of_each_row(folder):
    whole = found(filled(folder(), SCORES, BETTER))
    assert list(whole.intervals) == list(whole.spreads) == ["sgd", "adam"]
    assert whole.intervals["sgd"].mean == pytest.approx(2.6 / 8 + 0.001)
    assert whole.intervals["sgd"].low < 2.6 / 8 < whole.intervals["sgd"].high
    assert whole.spreads["sgd"].over_seeds == pytest.approx(0.001)
    assert np.isnan(whole.spreads["sgd"].over_folds)


@pytest.mark.parametrize("last", [None, "diverged"])
def test_a_row_that_is_not_whole_is_in_no_statistic(folder, last):
    made = filled(folder(), SCORES)
    made.put(1, 0, dice=SCORES)
    made.put(1, 1, dice=SCORES)
    if last:
        made.put(1, 2, dice=[], outcome=last)
    whole = found(made)
    assert [row.cell.label for row in whole.used] == ["sgd"]
    assert list(whole.intervals) == ["sgd"] and whole.comparison is None
    assert said(made, whole) == ['In no statistic, since not all of their trials are done and measured: "adam".']


def test_a_row_tested_on_other_images_is_in_no_statistic(folder):
    made = filled(folder(), SCORES, SCORES[:-1])
    assert [row.cell.label for row in found(made).used] == ["sgd"]
    assert said(made) == ['In no statistic, since their test images or folds are others than the baseline\'s: "adam".']


def test_without_the_baseline_rows_have_intervals_and_no_comparison(folder):
    made = folder()
    for place in range(3):
        made.put(1, place, dice=SCORES)
    whole = found(made)
    assert list(whole.intervals) == ["adam"] and whole.comparison is None and whole.line("adam") is None
    assert '"sgd"' in said(made, whole)[0] and not [one for one in said(made, whole) if "Against" in one]


def test_of_a_study_of_which_nothing_is_done_nothing_is_found(folder):
    whole = found(folder())
    assert whole.used == () and whole.scores.empty and whole.comparison is None


def test_a_row_whose_score_is_nowhere_defined_is_in_no_statistic(folder):
    made = folder(QUESTION + "primary: auc\n")
    for place in range(3):
        made.put(0, place, dice=SCORES, auc=SCORES)
        made.put(1, place, dice=SCORES, auc=[None] * 8)
    assert [row.cell.label for row in found(made).used] == ["sgd"]
    assert said(made) == ['In no statistic, since no image has a finite auc under all of their seeds: "adam".']


def test_a_row_that_one_seed_leaves_undefined_everywhere_is_in_no_statistic(folder):
    made = folder(QUESTION + "primary: auc\n")
    for place in range(3):
        made.put(0, place, dice=SCORES, auc=SCORES)
        made.put(1, place, dice=SCORES, auc=SCORES if place else [None] * 8)
    whole = found(made)
    assert [row.cell.label for row in whole.used] == ["sgd"] and whole.comparison is None


def test_a_row_that_shares_no_defined_image_with_the_baseline_is_not_compared(folder):
    made = folder(QUESTION + "primary: auc\n")
    for place in range(3):
        made.put(0, place, dice=SCORES, auc=[*SCORES[:4], *[None] * 4])
        made.put(1, place, dice=SCORES, auc=[*[None] * 4, *SCORES[4:]])
    whole = found(made)
    assert [row.cell.label for row in whole.used] == ["sgd", "adam"] and whole.comparison is None
    assert 'Not compared, since they share no defined image with the baseline: "adam".' in said(made, whole)


def test_losses_of_several_units_are_not_compared(folder):
    made = folder(
        QUESTION.replace("optimizer: [sgd, adam]", "loss: [bce, dice]").split("published:")[0] + "primary: loss\n"
    )
    for cell in (0, 1):
        for place in range(3):
            made.put(cell, place, dice=SCORES, losses=SCORES)
    whole = found(made)
    assert whole.comparison is None and "No test was made: the rows' losses have several units." in said(made, whole)


def test_with_one_seed_nothing_is_claimed_of_another_training(folder):
    made = filled(folder(QUESTION.replace("[0, 1, 2]", "[0]")), SCORES, BETTER, seeds=1)
    whole = found(made)
    line = whole.line("adam")
    assert line["wilcoxon"] == pytest.approx(2 / 2**8)
    assert np.isnan(line["resolvable"]) and not line["distinguishable"]
    assert np.isnan(whole.spreads["adam"].over_seeds)
    assert [one for one in said(made, whole) if one.startswith("One seed on one fold")]
    assert not [one for one in said(made, whole) if "smallest difference" in one]


def test_what_can_be_resolved_is_told_by_row_without_rows_that_are_one_function(folder):
    three = QUESTION.split("published:")[0].replace("optimizer: [sgd, adam]", "model: [UNet, PAN, FPN]")
    made = filled(folder(three), SCORES, SCORES)
    for place in range(3):
        made.put(2, place, dice=[score * (1 - 0.1 * place) for score in SCORES])
    [sentence] = [one for one in said(made) if "smallest difference" in one]
    lines = found(made).comparison.table.set_index("row")["resolvable"]
    assert lines["PAN"] == 0 and f"is {lines['FPN']:.4f} (seeds" in sentence


def test_below_six_groups_no_test_is_made_and_it_is_said(folder):
    made = filled(folder(), SCORES[:5], BETTER[:5])
    whole = found(made)
    line = whole.line("adam")
    assert np.isnan(line["wilcoxon"]) and not line["distinguishable"]
    assert [one for one in said(made, whole) if "5 groups of images, fewer than 6" in one]


def test_without_the_extra_packages_no_test_is_made_and_it_is_said(folder, monkeypatch):
    made = filled(folder(), SCORES, BETTER)
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in WANTED[:1] else real(name))
    whole = found(made)
    assert list(whole.intervals) == ["sgd", "adam"]
    assert (whole.comparison, whole.ranks, whole.effects) == (None, None, None)
    assert said(made, whole) == ["No test was made: pip install 'ultraseg[stats]' brings what makes them."]


def test_three_rows_are_ranked_the_best_first(folder):
    made = filled(folder(THREE), BETTER, SCORES, [score + 0.1 for score in SCORES], seeds=2)
    whole = found(made)
    assert whole.ranks.mean.to_dict() == dict(zip(RATES, (1.0, 3.0, 2.0), strict=True))
    assert whole.ranks.friedman == pytest.approx(np.exp(-8))  # chi2 8 * (3 - 1) with 2 degrees of freedom
    assert [one for one in said(made, whole) if one.startswith("Friedman over 8 groups")]
    assert whole.effects is None  # one axis is not crossed with another


def test_of_a_loss_the_lowest_ranks_first(folder):
    made = folder(THREE + "primary: loss\n")
    for cell, more in enumerate((0.2, 0.0, 0.1)):
        for place in range(2):
            made.put(cell, place, dice=SCORES, losses=[score + more for score in SCORES])
    assert found(made).ranks.mean.to_dict() == dict(zip(RATES, (3.0, 1.0, 2.0), strict=True))


def test_two_rows_are_not_ranked(folder):
    assert found(filled(folder(), SCORES, BETTER)).ranks is None


def test_a_crossed_study_has_the_effects_of_its_axes(folder):
    made = filled(folder(FACTORS), SCORES, BETTER, BETTER, [score + 0.3 for score in SCORES], seeds=2)
    whole = found(made)
    assert list(whole.effects.terms["term"]) == ["optimizer", "loss", "optimizer x loss"]
    assert whole.effects.terms["p"].iloc[0] < 0.001
    assert [(axis, each.baseline, list(each.table["row"])) for axis, each in whole.levels.items()] == [
        ("optimizer", "sgd", ["adam"]), ("loss", "bce", ["kld"]),
    ]  # fmt: skip


def test_levels_that_are_told_apart_are_named(folder):
    told = said(filled(folder(FACTORS), SCORES, SCORES, BETTER, BETTER, seeds=2))
    assert sum(line.startswith("Distinguishable in dice, averaged over") for line in told) == 1
    [rest] = [line for line in told if line.startswith("Not distinguishable, averaged over")]
    assert rest.endswith(': loss "kld" against "bce" (+0.0000).')


def test_a_cross_with_a_cell_that_is_not_done_compares_no_levels(folder):
    made = filled(folder(FACTORS), SCORES, BETTER, BETTER, seeds=2)
    assert found(made).effects is not None and found(made).levels == {}


def test_an_axis_of_which_one_level_is_whole_is_no_factor(folder):
    made = filled(folder(FACTORS), SCORES, BETTER, seeds=2)
    assert found(made).effects is None and len(found(made).used) == 2


@pytest.mark.parametrize("p, words", [(0.0009, "< 0.001"), (0.001, "0.001"), (0.0499, "0.050"), (1.0, "1.000")])
def test_p_values_are_written_to_three_places(p, words):
    assert p_value(p) == words


def test_rows_of_other_folds_are_not_compared_though_their_images_are_the_same(folder):
    cross = "cross: {data.split: {a: {kfold: {folds: 2, seed: 1}}, b: {kfold: {folds: 2, seed: 2}}}, seed: [0]}"
    made = folder(f"title: t\ndata: {{from: phantom, size: [32, 32]}}\n{cross}\n")
    parts = {0: [(0, 1, 2, 3), (4, 5, 6, 7)], 1: [(0, 2, 4, 6), (1, 3, 5, 7)]}
    for cell, folds in parts.items():
        for place, shown in enumerate(folds):
            named = [{"id": f"image-{i}", "group": f"image-{i}"} for i in shown]
            made.put(cell, place, dice=[0.1 * (i + 1) for i in shown], amended=named)
    whole = found(made)
    assert [row.cell.label for row in whole.used] == ["a"] and whole.comparison is None
    assert 'their test images or folds are others than the baseline\'s: "b".' in said(made, whole)[0]
