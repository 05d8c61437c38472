"""Comparing two runs: verdicts by hand, and what is compared with what."""

import shutil
from collections import Counter

import pytest

from tests.bundle.finished import finish
from ultraseg import records
from ultraseg.bundle import Number, compare, unpacked
from ultraseg.report import report


@pytest.mark.parametrize(
    ("was", "now", "verdict"),
    [
        ("0.5", "0.5", "equal"),
        ("1", "1.0", "equal"),
        ("", "", "equal"),
        ("0.71230", "0.71235", "last digits"),  # 7.0e-5 of it
        ("0.71230", "0.71240", "different"),  # 1.4e-4 of it
        ("1e-5", "2e-5", "different"),
        ("0.0", "1e-9", "last digits"),
        ("100000", "100009", "last digits"),
        ("inf", "inf", "equal"),
        ("inf", "12.0", "different"),
        ("0.5", "", "different"),
        ("trained", "collapsed", "different"),
    ],
)
def test_verdicts(was, now, verdict):
    assert Number("a", "b", "c", was, now).verdict == verdict
    assert Number("a", "b", "c", now, was).verdict == verdict


@pytest.fixture
def run_again(packed, tmp_path):
    """Unpack the bundle and write the study again elsewhere, its scores changed as asked; give all that is compared."""

    def compared(change=lambda again: None, **options):
        opened = unpacked(packed.bundle, tmp_path / "bundle")
        shutil.rmtree(packed.runs)
        again = finish(tmp_path, tmp_path / "again", **options)
        change(again)
        report(again.folder, trials=again.runs / "trials")
        return list(compare(opened.folder, again.folder, trials=again.runs / "trials"))

    return compared


def test_the_same_run_is_equal_in_every_number(run_again):
    numbers = run_again()
    assert {number.verdict for number in numbers} == {"equal"}
    parts = Counter(number.part for number in numbers)
    assert list(parts) == ["table.csv", "result.json", "history.csv", "images.csv", "validation.csv", "training.csv"]
    assert parts["images.csv"] == 8 * 2 * (len(records.IMAGES) - 1)
    dice = [number for number in numbers if number.part == "images.csv" and number.name == "dice"]
    assert [float(number.was) for number in dice[:3]] == [0.5, 0.75, 0.51]
    assert dice[2].where == "bce, seed 0, fold 2: a of fold 2"


def test_a_score_that_moved_is_named_where_it_stands(run_again):
    moved = [number for number in run_again(better=0.1) if number.verdict == "different"]
    found = {(number.part, number.name) for number in moved}
    assert {("table.csv", "dice_mean"), ("images.csv", "dice"), ("images.csv", "iou")} <= found
    assert {number.where for number in moved if number.part == "table.csv"} == {"bce", "dice"}
    assert not [number for number in moved if number.part == "history.csv"]
    assert all(
        float(number.now) - float(number.was) == pytest.approx(0.05) for number in moved if number.name == "dice_mean"
    )  # 0.1 on one of two images


def test_what_the_machine_makes_is_not_compared(run_again):
    def slower(again):
        for path in (again.runs / "trials").glob("*/result.json"):
            result = records.read_json(path)
            result |= {"seconds": 99.0, "peak_memory_mib": 7.0, "images_per_second": 1.0, "seconds_per_epoch": 3.0}
            records.write_json(path, result)

    assert {number.verdict for number in run_again(slower)} == {"equal"}


def test_a_total_that_one_run_lacks_is_different(run_again):
    def less(again):
        path = again.runs / "trials" / again.jobs[0].id / "result.json"
        records.write_json(path, {**records.read_json(path), "pooled": None, "outcome": "collapsed"})

    moved = [number for number in run_again(less) if number.part == "result.json" and number.verdict == "different"]
    assert [(number.name, number.was, number.now) for number in moved] == [
        ("outcome", "trained", "collapsed"),
        ("pooled.accuracy", "0.94", ""),
        ("pooled.auc", "0.91", ""),
        ("pooled.loss", "0.2", ""),
    ]


def test_another_study_is_refused(run_again):
    def fewer(again):
        outline = records.read_json(again.folder / "study.json")
        outline["cells"].pop()
        records.write_json(again.folder / "study.json", outline)

    with pytest.raises(ValueError, match="has other rows, seeds or folds than the bundle"):
        run_again(fewer)
