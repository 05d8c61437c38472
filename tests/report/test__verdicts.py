"""By hand: each verdict once by its numbers, and the convention under which a number would be reproduced."""

import math

import pytest

from tests.report.folders import QUESTION, counted
from ultraseg.report._conventions import recompute
from ultraseg.report._findings import table
from ultraseg.report._verdicts import VERDICTS, _by_interval, _half_digit, _held, frame, sentences, verdicts
from ultraseg.statistics import interval

T = 4.302653  # Student's t at 0.975 with 2 degrees of freedom
MEANS = (0.4, 0.5, 0.6)  # mean 0.5, sd 0.1
MIXED = [(10, 10, 10, 70), (100, 50, 50, 800), (30, 30, 30, 10), (0, 0, 0, 100), (0, 0, 0, 100), (0, 0, 0, 100)]
"""Dice 1/2, 2/3 and 1/2 on three lesions, and nothing found on three images without."""


def question(score, value):
    """The study with one published value, of the row sgd."""
    head, _ = QUESTION.split("published:")
    return head + f"published:\n  - {{at: {{optimizer: sgd}}, {score}: {value}, where: row 1}}\n"


def judged(made):
    summary = made.summary()
    return verdicts(summary, recompute(summary))


def alike(made, means=MEANS):
    """Six images a trial that all score its mean, so that the interval over images has no width."""
    for place, mean in enumerate(means):
        made.put(0, place, dice=[mean] * 6)
    return made


@pytest.mark.parametrize(
    "value, verdict",
    [
        (0.7484, "reproduced"),  # 0.5 + T * 0.1 / sqrt(3) = 0.74841
        (0.7485, "undecided"),  # one more run may lie nearly everywhere
        (0.2516, "reproduced"),
        (0.2515, "undecided"),
        (0.9968, "undecided"),  # 0.5 + T * 0.1 * sqrt(1 + 1 / 3) = 0.99683
        (0.9969, "not reproduced"),
        (0.0031, "not reproduced"),
    ],
)
def test_each_verdict_by_its_numbers(folder, value, verdict):
    [one] = judged(alike(folder(question("dice", value))))
    assert (one.row, one.score, one.published, one.verdict) == ("sgd", "dice", value, verdict)
    assert one.ours == pytest.approx(0.5)
    assert (one.low, one.high) == pytest.approx((0.5 - T * 0.1 / 3**0.5, 0.5 + T * 0.1 / 3**0.5), abs=1e-6)
    assert one.runs == pytest.approx((0.5 - T * 0.2 / 3**0.5, 0.5 + T * 0.2 / 3**0.5), abs=1e-6)


@pytest.mark.parametrize(
    "value, verdict", [(0.5498, "within noise"), (0.5993, "within noise"), (0.5995, "not reproduced")]
)
def test_what_one_more_run_could_give_is_within_noise(folder, value, verdict):
    [one] = judged(alike(folder(question("dice", value)), means=(0.48, 0.5, 0.52)))
    assert one.runs[1] == pytest.approx(0.5 + T * 0.04 / 3**0.5, abs=1e-6)  # 0.59937
    assert one.verdict == verdict


def test_a_measure_without_a_range_is_never_undecided():
    wide = (-9.0, 9.0)
    assert _by_interval("hausdorff95", 3.0, wide, wide) == "reproduced"
    assert _by_interval("dice", 0.9, wide, wide) == "undecided"


def test_the_wider_interval_is_taken_that_over_images_too(folder):
    made = folder(question("dice", 0.55))
    for place in range(3):
        made.put(0, place, dice=[0.2, 0.3, 0.4, 0.6, 0.7, 0.8])  # every trial's mean is 0.5
    [one] = judged(made)
    over_images = interval(table(made.summary().rows[:1], "dice"), "sgd")
    assert (one.low, one.high) == (over_images.low, over_images.high)
    assert one.low < 0.4 and one.high > 0.6 and one.verdict == "reproduced"
    assert one.runs == pytest.approx((0.5, 0.5))


def test_one_trial_has_no_further_run_and_one_image_no_interval(folder):
    made = folder(question("dice", 0.6).replace("[0, 1, 2]", "[0]"))
    made.put(0, 0, dice=[0.5])
    [one] = judged(made)
    assert (one.low, one.high, one.verdict) == (0.5, 0.5, "not reproduced")
    assert all(math.isnan(end) for end in one.runs)


def test_a_row_that_is_not_whole_is_judged_by_its_trials(folder):
    made = alike(folder(question("dice", 0.5)), means=(0.4, 0.6))
    [one] = judged(made)
    assert one.high == pytest.approx(0.5 + 12.7062 * 0.141421 / 2**0.5, abs=1e-4)  # one degree of freedom
    assert one.verdict == "undecided"


def test_the_convention_that_would_reproduce_a_number_is_named(folder):
    made = folder(question("dice", round((1 / 2 + 2 / 3 + 1 / 2) / 3, 4)))
    amended = [counted(*counts) for counts in MIXED]
    for place in range(3):
        made.put(0, place, dice=[0.5] * 6, amended=amended)
    [one] = judged(made)
    assert one.ours == pytest.approx((1 / 2 + 2 / 3 + 1 / 2 + 3) / 6)
    assert (one.verdict, one.other) == ("not reproduced", "per image, lesions only")


def test_no_convention_is_named_that_would_not(folder):
    made = folder(question("dice", 0.05))
    made.put(0, 0, dice=[0.5] * 6, amended=[counted(*counts) for counts in MIXED])
    [one] = judged(made)
    assert (one.verdict, one.other) == ("not reproduced", "")


def test_no_convention_is_sought_for_a_number_that_is_reproduced(folder):
    [one] = judged(alike(folder(question("dice", 0.5))))
    assert (one.verdict, one.other) == ("reproduced", "")


def test_the_pooled_score_is_a_convention_too(folder):
    made = folder(question("accuracy", 0.94))
    for place in range(3):
        made.put(0, place, dice=[0.5] * 6)  # accuracy 0.95 an image, 0.94 pooled; 1 by the counts
    [one] = judged(made)
    assert one.ours == pytest.approx(0.95)
    assert (one.verdict, one.other) == ("not reproduced", "all pixels pooled, network's size")


def test_on_other_data_nothing_is_judged(folder):
    [one] = judged(alike(folder(question("dice", 0.5), data="phantom (synthetic)")))
    assert (one.verdict, one.why, one.other) == ("not comparable", "on other data", "")
    assert one.ours == pytest.approx(0.5)


@pytest.mark.parametrize(
    "line", ["    unlike: a training-set figure\n", "unlike: {dice: a training-set figure}\n"], ids=["row", "score"]
)
def test_what_the_study_says_is_unlike_is_not_judged(folder, line):
    written = question("dice", 0.5)
    if line.startswith(" "):
        written = written.replace("where: row 1}", "where: row 1, unlike: a training-set figure}")
    else:
        written += line
    [one] = judged(alike(folder(written)))
    assert (one.verdict, one.why, one.other) == ("not comparable", "a training-set figure", "")


def test_a_number_that_a_collapsed_row_has_is_told_as_such(folder):
    made = folder(question("dice", 0.5))
    for place in range(3):
        made.put(0, place, dice=[0.5] * 6, outcome="collapsed")
    [one] = judged(made)
    assert (one.verdict, one.why) == ("reproduced", "by a row that collapsed")


def test_another_reports_convention_is_not_sought(folder):
    """Report 003's own is 0.94 on the training part; the study is of report 001."""
    own = question("dice", 0.1).replace('report: "003"', 'report: "001"')
    assert '"001"' in own
    made = folder(own)
    for place in range(3):
        made.put(0, place, dice=[0.5] * 6, amended=[counted(*counts) for counts in MIXED])
    summary = made.summary()
    names = [name for one in recompute(summary) for name in _held(summary, one)]
    assert "report 001" in names and "pooled" in names and not {"report 000", "report 003", "report 004"} & set(names)


@pytest.mark.parametrize("outcome", [None, "diverged"])
def test_a_row_without_scores_is_not_measured(folder, outcome):
    made = folder()
    if outcome:
        made.put(0, 0, dice=[], outcome=outcome)
    found = judged(made)
    assert [(one.score, one.verdict) for one in found] == [
        (score, "not measured") for score in ("loss", "accuracy", "auc")
    ]
    assert all(math.isnan(one.ours) for one in found)


def test_without_published_numbers_there_is_no_verdict(folder):
    made = alike(folder(QUESTION.split("published:")[0]))
    assert judged(made) == []


def test_verdicts_are_counted(folder):
    made = folder()
    made.put(0, 0, dice=[0.5] * 6, losses=[0.1877] * 6, auc=[0.8] * 6)
    # a loss of held-out images, accuracy 0.95 for 0.9251, auc 0.8 for 0.9728
    found = judged(made)
    [sentence] = sentences(found)
    assert sentence.startswith("3 published numbers: 2 not reproduced, 1 not comparable.")
    assert "Undecided" not in sentence
    assert {one.verdict for one in found} < set(VERDICTS)


def test_a_frame_holds_every_number_in_full(folder):
    found = judged(alike(folder(question("dice", 0.7485))))
    assert "1 undecided. " in next(sentences(found)) and "Undecided: the interval" in next(sentences(found))
    [line] = frame(found).to_dict("records")
    assert line == {
        "row": "sgd", "score": "dice", "published": 0.7485, "ours": found[0].ours, "low": found[0].low,
        "high": found[0].high, "verdict": "undecided", "why": "", "other": "", "run_low": found[0].runs[0],
        "run_high": found[0].runs[1],
    }  # fmt: skip


def test_a_loss_is_judged_where_training_figures_stand_beside_training_figures(folder):
    made = folder()
    made.put(0, 0, dice=[0.5] * 6, losses=[0.1877] * 6, resubstituted=True)
    [loss] = [one for one in judged(made) if one.score == "loss"]
    assert loss.verdict == "reproduced"


@pytest.mark.parametrize(
    ("printed", "half"), [(0.9251, 5e-5), (0.297, 5e-5), (0.8949948648496733, 5e-17), (5e-05, 5e-6), (1601.8, 5e-5)]
)
def test_a_printed_number_is_off_by_half_its_last_place_of_at_least_four(printed, half):
    assert _half_digit(printed) == pytest.approx(half)
