"""By hand: a level's mean over its rows, and what a whole cross resolves beside what two of its rows do."""

import numpy as np
import pandas as pd
import pytest

from tests.statistics.tables import table
from ultraseg.statistics import compare, levels

FACTORS = pd.DataFrame(
    {"optimizer": ["adam", "adam", "sgd", "sgd"], "loss": ["bce", "dice"] * 2},
    index=["adam, bce", "adam, dice", "sgd, bce", "sgd, dice"],
)


def crossed(noise=0.0, images=12, seeds=3, gain=0.1):
    """Scores of two seeds or more: Adam is better by `gain`, Dice by 0.05, each training by a draw of its own."""
    draw = np.random.default_rng(0)
    image = 0.5 + draw.normal(0, 0.1, images)
    return table(
        {
            name: image
            + gain * (cell.optimizer == "adam")
            + 0.05 * (cell.loss == "dice")
            + draw.normal(0, noise, (seeds, 1))
            + draw.normal(0, 0.01, (seeds, images))
            for name, cell in FACTORS.iterrows()
        }
    )


def test_a_difference_is_that_of_means_over_rows():
    scores = crossed()
    found = compare(levels(scores, FACTORS, "optimizer"), "sgd")
    [line] = found.table.to_dict("records")
    means = scores.groupby("row")["score"].mean()
    by_hand = (means["adam, bce"] + means["adam, dice"] - means["sgd, bce"] - means["sgd, dice"]) / 2
    assert (found.baseline, line["row"]) == ("sgd", "adam")
    assert line["difference"] == pytest.approx(by_hand) and line["difference"] == pytest.approx(0.1, abs=0.01)
    assert (line["images"], line["seeds"]) == (12, 3) and line["distinguishable"]
    [other] = compare(levels(scores, FACTORS, "loss"), "bce").table.to_dict("records")
    assert other["difference"] == pytest.approx(0.05, abs=0.01)


def test_a_cross_resolves_more_than_two_of_its_rows():
    scores = crossed(noise=0.02)
    two = scores[scores["row"].isin(["adam, bce", "sgd, bce"])]
    of_levels = compare(levels(scores, FACTORS, "optimizer"), "sgd")
    assert of_levels.resolvable < compare(two, "sgd, bce").resolvable


def test_an_image_that_is_undefined_in_one_row_is_left_out():
    scores = crossed()
    undefined = (scores["row"] == "sgd, dice") & (scores["image"] == scores["image"].iloc[0]) & (scores["seed"] == 1)
    merged = levels(scores.assign(score=scores["score"].mask(undefined)), FACTORS, "optimizer")
    [line] = compare(merged, "sgd").table.to_dict("records")
    assert (line["images"], line["left_out"]) == (11, 1)


@pytest.mark.parametrize("factors", [FACTORS.iloc[:3], FACTORS.assign(loss="bce")])
def test_a_cross_that_is_not_complete_is_refused(factors):
    scores = crossed()
    with pytest.raises(ValueError, match="'optimizer' can be compared where every combination"):
        levels(scores[scores["row"].isin(factors.index)], factors, "optimizer")
