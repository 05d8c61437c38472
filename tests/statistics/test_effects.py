"""Against the analysis of variance and statsmodels' own formula: what each axis of a crossed study does."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as formula
from scipy import stats

from tests.statistics.tables import table
from ultraseg.statistics import effects, interval


def crossed(levels, images=12, seed=0, skip=(), move=None):
    """Scores of a cross of axes and its factors: images differ, and `move` shifts a row by its levels."""
    generator = np.random.default_rng(seed)
    image = 0.7 + generator.normal(0, 0.1, images)
    cells = [cell for cell in itertools.product(*levels.values()) if cell not in skip]
    factors = pd.DataFrame(cells, columns=list(levels), index=[", ".join(cell) for cell in cells])
    rows = {}
    for name, cell in zip(factors.index, cells, strict=True):
        rows[name] = image + generator.normal(0, 0.02, (2, images)) + (move(*cell) if move else 0)
    return table(rows), factors, np.stack([rows[name].mean(0) for name in factors.index])


AXES = {"optimizer": ["adam", "sgd"], "schedule": ["constant", "cosine", "step"]}


def line(frame, **where):
    return frame[np.logical_and.reduce([frame[key] == value for key, value in where.items()])].iloc[0]


def test_in_a_whole_cross_wald_is_the_analysis_of_variance():
    scores, factors, values = crossed(AXES, move=lambda optimizer, _: 0.02 * (optimizer == "adam"))
    found = effects(scores, factors)
    cells = values.reshape(2, 3, 12)
    rest = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    error = np.sum(rest**2) / (5 * 11)
    first, second = cells.mean((1, 2)), cells.mean((0, 2))
    both = cells.mean(2) - first[:, None] - second + cells.mean()
    squares = [
        36 * np.sum((first - cells.mean()) ** 2),
        24 * np.sum((second - cells.mean()) ** 2),
        12 * np.sum(both**2),
    ]
    assert found.terms["term"].tolist() == ["optimizer", "schedule", "optimizer x schedule"]
    assert found.terms["freedom"].tolist() == [1, 2, 2]
    np.testing.assert_allclose(found.terms["chi2"], np.array(squares) / error, rtol=1e-3)
    np.testing.assert_allclose(found.terms["p"], stats.chi2.sf(found.terms["chi2"], found.terms["freedom"]))
    assert found.terms["p"][0] < 0.001 and found.notes == ()
    assert (found.images, found.groups, found.seeds, found.folds, found.left_out) == (12, 12, 2, 1, 0)


@pytest.mark.parametrize("group", [None, [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]])
def test_marginal_means_have_the_interval_over_groups_of_the_mean_over_their_rows(group):
    scores, factors, values = crossed(AXES)
    groups = dict(zip(sorted(set(scores["image"])), group or range(12), strict=True))
    scores = scores.assign(group=scores["image"].map(groups))
    margins = effects(scores, factors).margins
    cells = values.reshape(2, 3, 12)
    sgd = line(margins, term="optimizer", optimizer="sgd")
    alone = interval(table({"sgd": cells[1].mean(0)}, group or range(12)), "sgd")
    assert sgd["schedule"] == "" and sgd["mean"] == pytest.approx(cells[1].mean())
    assert (sgd["low"], sgd["high"]) == pytest.approx((alone.low, alone.high))
    step = line(margins, term="optimizer x schedule", optimizer="adam", schedule="step")
    of_row = interval(scores, "adam, step")
    assert (step["mean"], step["low"], step["high"]) == pytest.approx((cells[0, 2].mean(), of_row.low, of_row.high))
    assert len(margins) == 2 + 3 + 6


def test_three_axes_agree_with_statsmodels_formula():
    scores, factors, values = crossed({"a": ["0", "1"], "b": ["0", "1", "2"], "c": ["0", "1"]}, images=20, seed=3)
    found = effects(scores, factors)
    long = factors.loc[np.repeat(factors.index, 20)].assign(y=(values.ravel() - values.mean()) / values.std())
    fit = formula.mixedlm("y ~ (C(a, Sum) + C(b, Sum) + C(c, Sum)) ** 2", long, groups=np.tile(np.arange(20), 12)).fit()
    theirs = fit.wald_test_terms(scalar=True).table
    for term, chi2 in zip(found.terms["term"], found.terms["chi2"], strict=True):
        name = ":".join(f"C({axis}, Sum)" for axis in term.split(" x "))
        assert chi2 == pytest.approx(float(theirs.loc[name, "statistic"]), rel=1e-4), term
    assert set(found.terms["term"]) == {"a", "b", "c", "a x b", "a x c", "b x c"}


def test_a_skipped_cell_is_said_and_its_interactions_are_left_out():
    scores, factors, _ = crossed(AXES, skip=[("sgd", "cosine")], move=lambda optimizer, _: 0.05 * (optimizer == "adam"))
    found = effects(scores, factors)
    assert found.terms["term"].tolist() == ["optimizer", "schedule"] and found.terms["p"][0] < 0.001
    assert found.notes == (
        "1 of 6 cells have no row: the cross is not complete.",
        "The interactions cannot be told apart on these cells and are left out.",
    )
    adam, sgd = (line(found.margins, term="optimizer", optimizer=name)["mean"] for name in ("adam", "sgd"))
    assert adam - sgd == pytest.approx(0.05, abs=0.02)


def test_axes_that_always_change_together_are_not_estimated():
    cells = [("sgd", "constant"), ("sgd", "step"), ("adam", "cosine")]
    scores, factors, _ = crossed(AXES, skip=cells)
    scores, factors = scores[scores["row"] != "sgd, cosine"], factors.drop(index="sgd, cosine")
    factors = factors.assign(schedule=["constant", "step"], optimizer=["adam", "sgd"])
    found = effects(scores, factors)
    assert "The axes cannot be told apart on these cells: nothing is estimated." in found.notes
    assert found.terms["p"].isna().all() and found.margins["mean"].isna().all()


def test_several_rows_in_a_cell_and_images_in_groups_are_said():
    scores, factors, _ = crossed(AXES)
    scores = scores.assign(group=scores["image"].where(scores["image"] != "image 001", "image 000"))
    found = effects(scores, factors[["optimizer"]])
    assert found.notes == (
        "2 of 2 cells have several rows, which weigh alike.",
        "The 12 images lie in 11 groups; the model takes them as independent.",
    )
    assert found.terms["term"].tolist() == ["optimizer"]


def test_images_that_do_not_differ_are_said():
    one, other = np.linalg.qr(np.column_stack([np.ones(40), np.random.default_rng(5).normal(size=(40, 2))]))[0].T[1:]
    rows = {"a": one, "b": 0.1 + other + 0.002 * one}  # the two share 0.2 % of their variance
    found = effects(table(rows), pd.DataFrame({"axis": ["x", "y"]}, index=["a", "b"]))
    assert found.notes == (
        "The variance of the images was fitted as about 0: the tests take all scores as independent.",
    )
    # Then the test is that of two independent samples.
    assert found.terms["chi2"][0] == pytest.approx(stats.ttest_ind(*rows.values()).statistic ** 2, rel=1e-2)


def test_a_fit_that_does_not_converge_gives_no_number():
    scores = np.random.default_rng(5).normal(0.5, 0.1, 40)
    rows = {"a": scores, "b": 1.2 - scores}  # every image has the same mean: the best variance lies below 0
    found = effects(table(rows), pd.DataFrame({"axis": ["x", "y"]}, index=["a", "b"]))
    assert found.notes == ("The fit did not converge: nothing is estimated.",)
    assert found.terms["p"].isna().all() and found.margins["low"].isna().all()


def test_scores_that_are_all_alike_are_not_fitted():
    found = effects(table({"a": [0.5] * 7, "b": [0.5] * 7}), pd.DataFrame({"axis": ["x", "y"]}, index=["a", "b"]))
    assert found.notes == ("One image, or scores that are all alike: nothing is estimated.",)
    assert math.isnan(found.terms["chi2"][0])


def test_rows_that_differ_by_a_constant_have_a_singular_fit():
    base = np.random.default_rng(0).random(9)
    found = effects(table({"a": base, "b": base + 0.1}), pd.DataFrame({"axis": ["x", "y"]}, index=["a", "b"]))
    assert found.terms["p"].isna().all() and len(found.notes) == 1 and "nothing is estimated" in found.notes[0]


def test_an_image_undefined_in_any_row_is_left_out_of_all():
    scores, factors, _ = crossed(AXES)
    scores.loc[3, "score"] = np.inf
    assert effects(scores, factors).left_out == 1


@pytest.mark.parametrize(
    "factors, message",
    [
        (
            pd.DataFrame({"axis": ["x"]}, index=["a"]),
            r"one line of factors for each row was wanted, not so for \['b'\]",
        ),
        (pd.DataFrame({"axis": ["x", "y", "x"]}, index=["a", "b", "b"]), r"not so for \['b'\]"),
        (
            pd.DataFrame({"axis": ["x", "x"]}, index=["a", "b"]),
            "two levels of 'axis' or more were wanted, all rows have 'x'",
        ),
    ],
)
def test_factors_that_do_not_fit_the_rows_are_refused(factors, message):
    with pytest.raises(ValueError, match=f"effects: .*{message}"):
        effects(table({"a": [0.1, 0.2], "b": [0.3, 0.4]}), factors)
