"""By hand: lesions and alarms counted over images, then averaged over trials."""

import pytest

from tests.report.folders import counted
from ultraseg.report._lesions import COLUMNS, lesions

TWO = counted(40, 10, 10, 940) | {
    "lesions": 2, "detected_10": 2.0, "detected_50": 1.0, "false_alarms": 1.0, "area_error": 0.5, "diameter_error_px": 4
}  # fmt: skip
MISSED = counted(0, 0, 30, 970) | {"diameter_error_px": -6.0}  # one lesion, none detected, area error -1
QUIET, ALARM = counted(0, 0, 0, 1000), counted(0, 50, 0, 950) | {"diameter_error_px": 9.0}
BY_HAND = {
    "row": "sgd",
    "lesions a trial": 3.0,
    "sensitivity at IoU 0.1": 2 / 3,
    "sensitivity at IoU 0.5": 1 / 3,
    "normal images a trial": 2.0,
    "false alarms per normal image": 1 / 2,
    "false alarms per image": 2 / 4,
    "relative area error, median": (0.5 - 1) / 2,  # images with a lesion alone: that of an alarm on none is infinite
    "diameter error in px, median": (4 - 6) / 2,
}


def filled(made, *images, cell=0, place=0):
    made.put(cell, place, dice=[0.5] * len(images), amended=images)
    return made


def test_lesions_are_counted_over_images_not_averaged_over_them(folder):
    found = lesions(filled(folder(), TWO, MISSED, QUIET, ALARM).summary())
    assert list(found) == list(COLUMNS)
    [line] = found.to_dict("records")
    assert line == pytest.approx(BY_HAND)


def test_trials_are_averaged(folder):
    made = filled(folder(), TWO, MISSED, QUIET, ALARM)
    filled(made, TWO, QUIET, place=1)
    [line] = lesions(made.summary()).to_dict("records")
    assert line["lesions a trial"] == (3 + 2) / 2
    assert line["sensitivity at IoU 0.1"] == pytest.approx((2 / 3 + 1) / 2)
    assert line["false alarms per normal image"] == pytest.approx((1 / 2 + 0) / 2)


def test_without_normal_images_or_lesions_what_is_over_them_is_undefined(folder):
    made = filled(folder(), TWO, MISSED)
    filled(made, QUIET, ALARM, cell=1)
    lesion, normal = lesions(made.summary()).to_dict("records")
    undefined = {name for name in COLUMNS if lesion[name] != lesion[name]}
    assert undefined == {"false alarms per normal image"} and lesion["normal images a trial"] == 0
    undefined = {name for name in COLUMNS if normal[name] != normal[name]}
    assert undefined == {
        "sensitivity at IoU 0.1",
        "sensitivity at IoU 0.5",
        "relative area error, median",
        "diameter error in px, median",
    }


@pytest.mark.parametrize("outcome", [None, "diverged"])
def test_a_row_without_scores_has_no_line(folder, outcome):
    made = folder()
    if outcome:
        made.put(0, 0, dice=[], outcome=outcome)
    assert lesions(made.summary()).empty
    filled(made, TWO, cell=1)
    assert list(lesions(made.summary())["row"]) == ["adam"]
