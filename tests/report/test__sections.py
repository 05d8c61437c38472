"""Which tables follow a study's own, what stands in their places, and that a CSV holds the numbers in full."""

import math

import pytest

from tests.report.folders import QUESTION, counted
from ultraseg import catalogue
from ultraseg.report._conventions import recompute
from ultraseg.report._findings import find
from ultraseg.report._sections import conventions, sections

FACTORS = """
title: Crossed
data: {split: {holdout: {}}}
cross: {optimizer: [sgd, adam], loss: [bce, kld], seed: [0, 1]}
"""
DICE = [0.10, 0.15, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60]
AMENDED = [
    counted(5, 5, 10 + 10 * place, 900) | {"label": "benign" if place < 4 else "malignant", "dice": dice}
    for place, dice in enumerate(DICE)
]


def filled(made, *more, seeds=3, tilt=0.0):
    """Give all trials of each row the same scores, so much better than DICE, the easy images `tilt` times more so."""
    for cell, better in enumerate(more):
        for place in range(seeds):
            amended = [row | {"dice": row["dice"] + better * (1 + tilt * row["dice"])} for row in AMENDED]
            made.put(cell, place, dice=DICE, amended=amended)
    return made


def made_of(made):
    summary = made.summary()
    return {part.name: part for part in sections(summary, find(summary), recompute(summary))}


def test_a_study_that_is_not_crossed_has_all_but_effects(folder):
    assert list(made_of(filled(folder(), 0.0, 0.2))) == ["statistics", "strata", "lesions", "verdicts"]


def test_of_a_study_of_which_nothing_is_done_only_what_was_published_is_told(folder):
    known = made_of(folder())
    assert list(known) == ["verdicts"]
    assert set(known["verdicts"].words["verdict"]) == {"not measured"}
    assert made_of(folder(QUESTION.split("published:")[0], name="b")) == {}


def test_a_distinguishable_difference_is_bold(folder):
    part = made_of(filled(folder(), 0.0, 0.2))["statistics"]
    sgd, adam = part.words.to_dict("records")
    assert (sgd["row"], sgd["difference"], sgd["verdict"]) == ("sgd", "–", "–")
    assert (adam["row"], adam["difference"], adam["verdict"]) == ("**adam**", "**+0.2000**", "distinguishable")
    assert (sgd["dice"], sgd["sd over seeds"], sgd["sd over folds"]) == ("0.3250", "0.0000", "–")
    assert adam["95 % of the difference"] == "[+0.2000, +0.2000]"
    assert adam["p, Wilcoxon (Holm)"] == "0.008"  # 2 / 2**8


def test_a_difference_that_is_not_is_not(folder):
    adam = made_of(filled(folder(), 0.0, 0.0))["statistics"].words.to_dict("records")[1]
    assert (adam["row"], adam["difference"], adam["verdict"]) == ("adam", "+0.0000", "not distinguishable")


def test_rows_that_are_compared_with_nothing_have_intervals_alone(folder):
    part = made_of(filled(folder(), 0.0))["statistics"]
    assert list(part.words) == ["row", "dice", "95 % over images", "sd over seeds", "sd over folds"]


def test_the_numbers_of_the_statistics_say_what_they_are_over(folder):
    sgd, adam = made_of(filled(folder(), 0.0, 0.2))["statistics"].numbers.to_dict("records")
    over = ("images", "groups", "seeds", "folds", "left_out")
    assert [adam[name] for name in over] == [adam[f"against_{name}"] for name in over] == [8, 8, 3, 1, 0]
    assert adam["mean"] == pytest.approx(0.525) and adam["against_difference"] == pytest.approx(0.2)
    assert math.isnan(sgd["against_difference"])


def test_levels_of_a_complete_cross_are_compared_axis_by_axis(folder):
    part = made_of(filled(folder(FACTORS), 0.0, 0.1, 0.2, 0.4, seeds=2))["levels"]
    told = part.words[["axis", "level", "difference"]].to_numpy().tolist()
    assert told == [
        ["optimizer", "sgd", "–"], ["optimizer", "**adam**", "**+0.2500**"],
        ["loss", "bce", "–"], ["loss", "**kld**", "**+0.1500**"],
    ]  # fmt: skip
    assert part.numbers[["axis", "baseline", "level"]].to_numpy().tolist() == [
        ["optimizer", "sgd", "adam"], ["loss", "bce", "kld"],
    ]  # fmt: skip
    assert part.numbers["difference"].tolist() == pytest.approx([0.25, 0.15])  # (0.2 + 0.4 - 0 - 0.1) / 2, ...


def test_a_crossed_study_has_its_effects_and_their_margins(folder):
    part = made_of(filled(folder(FACTORS), 0.0, 0.1, 0.2, 0.4, seeds=2, tilt=1.0))["effects"]
    assert list(part.words["term"]) == ["optimizer", "loss", "optimizer x loss"]
    assert list(part.words["degrees of freedom"]) == ["1", "1", "1"]
    assert "the image as random effect" in part.beneath[0] and "not for other seeds" in part.beneath[0]
    margins = part.numbers[part.numbers["term"] == "optimizer"].set_index("optimizer")["mean"]
    # better by (1 + 0.325) times the mean of 0 and 0.1, and of 0.2 and 0.4
    assert margins.to_dict() == pytest.approx({"sgd": 0.325 + 1.325 * 0.05, "adam": 0.325 + 1.325 * 0.3})


def test_strata_stand_in_columns_with_their_number_of_images(folder):
    part = made_of(filled(folder(), 0.0, 0.2))["strata"]
    headers = ["row", "benign (4)", "malignant (4)", "small (3)", "medium (2)", "large (3)"]
    headers.append("large less small")
    assert list(part.words) == headers and list(part.words["row"]) == ["sgd", "adam"]
    assert part.words["benign (4)"].iloc[0].startswith("0.200 [")  # (0.10 + 0.15 + 0.25 + 0.30) / 4
    assert set(part.numbers["measure"]) == {"loss", *catalogue.names("metrics")}
    assert any("Report 001" in sentence for sentence in part.beneath)


def test_lesions_are_counted_to_one_place_and_measured_to_three(folder):
    part = made_of(filled(folder(), 0.0))["lesions"]
    [line] = part.words.to_dict("records")
    assert (line["row"], line["lesions a trial"], line["normal images a trial"]) == ("sgd", "8.0", "0.0")
    assert line["sensitivity at IoU 0.1"] == "0.500"  # IoU 5 / (20 + 10 n): 1/4, 1/6, 1/8, 1/10, then less
    assert line["false alarms per normal image"] == "–"


def test_published_numbers_stand_beside_ours(folder):
    part = made_of(filled(folder(), 0.0))["verdicts"]
    line = part.words[part.words["score"] == "auc"].to_dict("records")[0]
    assert (line["published"], line["ours"], line["verdict"]) == ("0.9728", "0.9000", "not reproduced")
    assert part.beneath[0].startswith("3 published numbers: 2 not reproduced, 1 not comparable.")
    assert part.numbers["published"].tolist() == [0.1877, 0.9251, 0.9728]


def test_conventions_have_a_section_a_measure_and_words_beneath_the_last(folder):
    summary = filled(folder(), 0.0).summary()
    made = conventions(summary, recompute(summary), ["A sentence."])
    assert [part.name for part in made] == ["conventions-dice", "conventions-iou", "conventions-accuracy"]
    assert [part.beneath for part in made] == [(), (), ("A sentence.",)]
    assert list(made[0].words) == ["convention", "sgd", "adam"]
    assert set(made[0].words["adam"]) == {"–"} and made[0].numbers["adam"].isna().all()
    assert conventions(summary, [], []) == []


def test_a_stratum_is_one_column_where_rows_leave_other_images_out(folder):
    made = folder(QUESTION + "primary: auc\n")
    kinds = [{"label": label} for label in ("benign", "malignant")] * 4
    for place in range(3):
        made.put(0, place, dice=[0.5] * 8, auc=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], amended=kinds)
        made.put(1, place, dice=[0.5] * 8, auc=[None, None, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], amended=kinds)
    words = made_of(made)["strata"].words
    assert [name for name in words if name.startswith("benign")] == ["benign (4)"]
    assert not (words == "–").any(axis=None)
