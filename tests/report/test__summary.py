"""By hand: means over images, then mean and standard deviation over trials."""

import math

import pytest

from tests.report.folders import QUESTION
from ultraseg import records
from ultraseg.report._summary import compared, deviation


def test_mean_sd_and_median_on_paper(folder):
    made = folder()
    made.put(0, 0, dice=[0.1, 0.2, 0.9])  # mean 0.4, median 0.2
    made.put(0, 1, dice=[0.5, 0.6, 0.7])  # mean 0.6, median 0.6
    score = made.summary().rows[0].scores["dice"]
    assert score.mean == pytest.approx(0.5)
    assert score.sd == pytest.approx(math.sqrt(2 * 0.1**2 / (2 - 1)))
    assert score.median == pytest.approx(0.4)
    assert (score.trials, score.undefined, score.images) == (2, 0, 6)


def test_trials_count_alike_however_many_images_they_have(folder):
    made = folder()
    made.put(0, 0, dice=[1.0, 1.0, 1.0, 1.0])
    made.put(0, 1, dice=[0.0])
    assert made.summary().rows[0].scores["dice"].mean == 0.5


def test_one_number_has_no_spread():
    assert math.isnan(deviation([0.3])) and math.isnan(deviation([]))
    assert deviation([1.0, 3.0]) == pytest.approx(math.sqrt(2))


def test_undefined_images_are_left_out_and_counted(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.5, 1.0], auc=[0.8, 0.9, None])
    made.put(0, 1, dice=[1.0, 1.0, 1.0], auc=[None, None, None])
    score = made.summary().rows[0].scores["auc"]
    assert score.mean == pytest.approx(0.85)
    assert (score.trials, score.undefined, score.images) == (1, 4, 6)
    assert math.isnan(score.sd)


def test_an_infinite_value_is_undefined_not_averaged(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.5], losses=[0.2, math.inf])
    score = made.summary().rows[0].scores["loss"]
    assert (score.mean, score.undefined) == (0.2, 1)


def test_a_diverged_trial_without_scores_is_counted_and_not_averaged(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    made.put(0, 1, dice=[], outcome="diverged")
    row = made.summary().rows[0]
    assert (len(row.done), row.count("diverged"), row.scores["dice"].trials) == (2, 1, 1)


def test_rows_without_a_trial_stay_in_the_table(folder):
    summary = folder().summary()
    assert [row.cell.label for row in summary.rows] == ["sgd", "adam"]
    assert math.isnan(summary.rows[0].scores["dice"].mean)
    assert (len(summary.done), summary.wanted) == (0, 6)


def test_the_loss_of_a_constant_is_averaged_per_unit_of_loss(folder):
    made = folder("title: Losses\ncross: {loss: [bce, kld], seed: [0, 1]}\n")
    for cell, place, loss in ((0, 0, 0.3), (0, 1, 0.5), (1, 0, 0.7)):
        made.put(cell, place, dice=[0.5])
        rewritten(made, cell, place, lambda result, loss=loss: result["baselines"]["all background"].update(loss=loss))
    bce, kld = made.summary().trivial.items()
    assert bce == ("bce", pytest.approx(0.4))
    assert kld == ("kld", 0.7)
    assert math.isnan(compared(made.summary())["all background"]["loss"])


def test_answers_without_a_network_are_averaged_over_the_trials(folder):
    made = folder(QUESTION + "report: [accuracy, dice, hausdorff]\n")
    made.put(0, 0, dice=[0.5], background=0.8)
    made.put(1, 0, dice=[0.5], background=0.9)
    found = compared(made.summary())
    assert list(found) == ["all background", "all foreground", "mean mask", "Otsu"]
    assert found["all background"] == pytest.approx(
        {"accuracy": 0.85, "dice": 0.0, "hausdorff": math.nan, "auc": 0.5, "loss": 0.3}, nan_ok=True
    )
    assert (found["Otsu"]["accuracy"], found["Otsu"]["dice"]) == (0.1, 0.15)


def test_a_distance_that_some_trials_lack_is_averaged_over_the_others(folder):
    made = folder(QUESTION + "report: [hausdorff]\n")
    made.put(0, 0, dice=[0.5])
    made.put(0, 1, dice=[0.5])
    rewritten(made, 0, 1, lambda result: result["baselines"]["Otsu"].update(hausdorff_px=12.0))
    assert compared(made.summary())["Otsu"]["hausdorff"] == 12.0


def test_two_annotators_are_compared_where_the_data_show_a_scan_twice(folder):
    made = folder()
    assert list(compared(made.summary())) == ["all background"]
    made.put(0, 0, dice=[0.5])
    assert "two annotators" not in compared(made.summary())
    rewritten(made, 0, 0, lambda result: result["annotators"].update(pairs=3, dice=0.8))
    assert compared(made.summary())["two annotators"] == {"dice": 0.8}


def rewritten(made, cell, place, change):
    """Change the result of a trial that is done."""
    path = made.trials / made.names[cell][place] / "result.json"
    result = records.read_json(path)
    change(result)
    records.write_json(path, result)


def test_published_scores_have_a_column_though_the_study_does_not_report_them(folder):
    made = folder(QUESTION + "report: [dice]\n")
    assert made.summary().scores == ("dice", "accuracy", "auc", "loss")
    assert made.summary().pooled == ("accuracy", "auc")


def test_the_heading_says_what_must_not_be_missed(folder):
    made = folder(data="phantom (synthetic)")
    made.put(0, 0, dice=[0.5], resubstituted=True)
    assert made.summary().heading == "Does the optimizer matter?, on phantom (synthetic), training-set figures"
    made.put(1, 0, dice=[0.5])
    assert made.summary().heading == "Does the optimizer matter?, on phantom (synthetic), some on training images"
