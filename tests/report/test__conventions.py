"""By hand: three images scored under every convention, and how far the conventions lie apart."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.report.folders import counted
from ultraseg import records
from ultraseg.report import _conventions
from ultraseg.report._conventions import CONVENTIONS, recompute, sentences

ONE = "title: One\ndata: {split: {holdout: {}}}\ncross: {seed: [0, 1]}\n"
HALF, QUIET, ALARM = counted(40, 10, 20, 930), counted(0, 0, 0, 1000), counted(0, 50, 0, 950)
"""At their own size, of 1000 pixels: a lesion half found, nothing found of nothing, an alarm where nothing is."""
GRID = [
    {"grid_tp": 5, "grid_fp": 1, "grid_fn": 2, "grid_tn": 92, "grid_probability": 6.5, "grid_overlap": 4.5},
    {"grid_tp": 0, "grid_fp": 0, "grid_fn": 0, "grid_tn": 100, "grid_probability": 0.5, "grid_overlap": 0.0},
    {"grid_tp": 0, "grid_fp": 4, "grid_fn": 0, "grid_tn": 96, "grid_probability": 3.0, "grid_overlap": 0.0},
]
"""The same at the network's size, of 100 pixels: truth 7, found 10, probability 10 of which 4.5 within the lesion."""
THREE = [own | grid for own, grid in zip((HALF, QUIET, ALARM), GRID, strict=True)]
BY_HAND = {
    "dice": {
        "per image": (8 / 11 + 1 + 0) / 3,  # 2 * 40 / (60 + 50)
        "per image, lesions only": 8 / 11,
        "pooled": 80 / (60 + 100),
        "report 000": (2 * 4.5 + 1e-5) / (7 + 10 + 1e-5),
        "report 001": 10 / (7 + 10),
        "report 003": 2 * 8 / (10 + 9),
        "report 004": ((10 + 1e-3) / (13 + 1e-3) + 1 + 1e-3 / (4 + 1e-3)) / 3,
    },
    "iou": {
        "per image": (4 / 7 + 1 + 0) / 3,  # 40 / (60 + 50 - 40)
        "per image, lesions only": 4 / 7,
        "pooled": 40 / (60 + 100 - 40),
        "report 000": (4.5 + 1e-5) / (7 + 10 - 4.5 + 1e-5),
        "report 001": 5 / (7 + 10 - 5),
        "report 003": 8 / (10 + 9 - 8),
        "report 004": ((5 + 1e-3) / (8 + 1e-3) + 1 + 1e-3 / (4 + 1e-3)) / 3,
    },
    "accuracy": {
        "per image": (0.97 + 1 + 0.95) / 3,
        "per image, lesions only": 0.97,
        "pooled": (970 + 1000 + 950) / 3000,
        "report 000": (4.5 + 293 - 5.5) / 300,  # of 293 pixels beside the lesion 5.5 by probability were marked
        "report 001": (5 + 288) / 300,
        "report 003": (8 + 89) / 100,
        "report 004": (0.97 + 1 + 0.96) / 3,
    },
}


def trained(made, place=0, counts=(8, 1, 2, 89)):
    """Let the training part be one image with these counts."""
    path = made.trials / made.names[0][place] / "training.csv"
    row = counted(*counts) | {"id": "a", "group": "a", "label": "benign", "source": "BUSI"}
    records.write_rows(path, records.TRAINING, [row])


def by_name(made):
    return {each.measure: each for each in recompute(made.summary())}


@pytest.fixture
def three(folder):
    made = folder(ONE)
    made.put(0, 0, dice=[0.5] * 3, amended=THREE)
    trained(made)
    return made


@pytest.mark.parametrize("measure", BY_HAND)
def test_three_images_under_every_convention(three, measure):
    found = by_name(three)[measure].table["all"].to_dict()
    assert list(found) == [each.name for each in CONVENTIONS]
    assert found == pytest.approx(BY_HAND[measure], rel=1e-12)


def test_batches_weigh_alike_however_few_images_the_last_one_holds(folder):
    made = folder(ONE)
    right, missed = counted(10, 0, 0, 90), counted(0, 0, 10, 90)
    made.put(0, 0, dice=[0.5] * 257, amended=[*[right] * 256, missed])
    found = by_name(made)["dice"].table["all"]
    assert found["per image"] == pytest.approx(256 / 257)
    assert found["report 000"] == pytest.approx(32 / 33, abs=1e-6)  # batches of 8
    assert found["report 001"] == pytest.approx(8 / 9)  # of 32
    assert found["report 004"] == pytest.approx(1 / 2, abs=1e-4)  # of 256


def test_a_row_is_the_mean_of_its_trials(three):
    three.put(0, 1, dice=[1.0], amended=[counted(10, 0, 0, 90)])
    assert by_name(three)["dice"].table["all"]["per image"] == pytest.approx((19 / 33 + 1) / 2)


def test_without_training_rows_what_is_taken_of_them_is_missing(three):
    (three.trials / three.names[0][0] / "training.csv").unlink()
    found = by_name(three)["dice"].table["all"]
    assert [name for name in found.index if math.isnan(found[name])] == ["report 003"]


def test_without_a_lesion_there_is_no_score_of_lesions(folder):
    made = folder(ONE)
    made.put(0, 0, dice=[1.0, 0.0], amended=[QUIET, ALARM])
    found = by_name(made)["dice"].table["all"]
    assert math.isnan(found["per image, lesions only"]) and found["per image"] == 0.5


@pytest.mark.parametrize("outcome", [None, "diverged"])
def test_a_row_without_scores_has_none_under_any_convention(folder, outcome):
    made = folder(ONE)
    if outcome:
        made.put(0, 0, dice=[], outcome=outcome)
    for each in recompute(made.summary()):
        assert each.table["all"].isna().all() and math.isnan(each.spread)
    assert not list(sentences(recompute(made.summary())))


def test_the_spread_is_the_farthest_that_two_conventions_lie_apart_on_one_rows_test_images(three):
    found = by_name(three)["dice"]
    assert found.spread == pytest.approx(8 / 11 - 1 / 2)  # report 003, of training images, would be 0.84
    told, apart = sentences([found])
    assert "'per image, lesions only'" in told and "0.7273" in told and "'pooled'" in told and "0.5000" in told
    assert "so 0.2273 of a published gap can be convention alone" in told
    assert apart == "By 'report 003' the images are those of training: other images and not another count."


def test_rows_do_not_widen_each_other_s_spread(folder):
    made = folder()
    made.put(0, 0, dice=[1.0], amended=[counted(10, 0, 0, 90)])
    made.put(1, 0, dice=[0.0], amended=[counted(0, 0, 10, 90)])
    assert by_name(made)["dice"].spread < 1e-4  # one row is right, the other wrong, under every convention


@pytest.mark.parametrize("each", CONVENTIONS, ids=lambda each: each.name)
def test_a_convention_says_everything_that_makes_a_number_comparable(each):
    for part in (each.images, each.over, each.threshold, each.empty, each.size, each.part):
        assert part and part in each.words


@pytest.mark.parametrize("each", CONVENTIONS, ids=lambda each: each.name)
def test_a_convention_reads_counts_of_the_size_that_it_names(each):
    table = pd.DataFrame([counted(8, 1, 2, 89), counted(5, 5, 5, 85)])
    score = each.score(table, "iou")
    own, grid = table.copy(), table.copy()
    own[["tp", "fn"]] = [[0, 10], [0, 10]]
    grid[["grid_tp", "grid_fn", "grid_overlap"]] = [[0, 10, 0.0], [0, 10, 0.0]]
    at_the_networks = each.size == _conventions.GRID
    assert (each.score(own, "iou") == score) is at_the_networks
    assert (each.score(grid, "iou") == score) is not at_the_networks


def test_two_empty_masks_are_right_without_smoothing_and_with_it():
    totals = pd.DataFrame({"tp": [0.0], "fp": [0.0], "fn": [0.0], "tn": [9.0]})
    for measure in _conventions.MEASURES:
        np.testing.assert_array_equal(_conventions.ratio(totals, measure, 0), [1.0])
        np.testing.assert_array_equal(_conventions.ratio(totals, measure, 1e-3), [1.0])
