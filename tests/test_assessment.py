"""The measuring half of a trial: validation before test, a threshold from validation, and when the test was opened."""

import math

import numpy as np
import pytest

from tests.scenes import ORGANS, right, scene_of, scene_of_organs
from ultraseg import assessment, baselines, evaluation, records
from ultraseg.assessment import OPENED, UNMEASURED, assess, compared
from ultraseg.evaluation import row_of

PARTS = {"train": [1, 2], "validation": [0, 3], "test": [4, 6, 7]}


@pytest.fixture
def assessed(tiny_busi, tmp_path):
    def run(logits, more=""):
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        scene = scene_of(tiny_busi, tmp_path, logits, _order(more), more=more)
        return work, *assess(scene, **PARTS, work=work)

    return run


def _order(more):
    """The images in the order in which they are shown to the program."""
    tuned = PARTS["validation"] if "tuned" in more else []
    return [*tuned, *PARTS["train"], *PARTS["validation"], *PARTS["test"]]


def test_it_writes_a_table_per_part_and_the_pixels_of_the_test_part(assessed):
    work, rows, found = assessed(right)
    assert [row["id"] for row in rows] == ["malignant-1", "malignant-3", "normal-1"]
    assert [row["id"] for row in records.read_rows(work / "training.csv")] == ["benign-2", "benign-3"]
    assert [row["id"] for row in records.read_rows(work / "validation.csv")] == ["benign-1", "benign-10"]
    assert [row["dice"] for row in records.read_rows(work / "images.csv")] == [row["dice"] for row in rows]
    assert sorted(path.stem for path in (work / "predictions").iterdir()) == ["malignant-1", "malignant-3", "normal-1"]
    with np.load(work / "curves.npz", allow_pickle=False) as saved:
        assert tuple(saved) == records.CURVES
        assert saved["reliability_pixels"].sum() == 3 * 40 * 60
        across, up = saved["roc_false_positive_rate"], saved["roc_true_positive_rate"]
    assert np.trapezoid(up, across) == pytest.approx(1) and found["pooled"]["auc"] == 1
    assert (found["threshold"], found["threshold_from"], found["threshold_candidates"]) == (0.5, "study", None)
    assert set(found) == set(UNMEASURED)


def test_a_tuned_threshold_comes_from_the_validation_part_alone(assessed):
    def timid_but_on_test_sure(cache, index):
        return right(cache, index, 9.0) if index in PARTS["test"] else right(cache, index, 1.0) - 2.0

    work, rows, found = assessed(timid_but_on_test_sure, more="  threshold: tuned")
    assert (found["threshold"], found["threshold_from"]) == (0.25, "validation")
    assert found["threshold_candidates"]["0.25"] == 1 and found["threshold_candidates"]["0.5"] == 0
    assert records.read_rows(work / "validation.csv")[0]["dice"] == 1


def test_the_record_says_when_the_test_part_was_opened_and_again_if_it_was(assessed):
    work, _, found = assessed(right)
    assert len(found["test_opened"]) == 1 and found["test_opened"][0].endswith("+00:00")
    assert records.read_json(work / OPENED) == found["test_opened"]
    _, _, again = assessed(right)
    assert len(again["test_opened"]) == 2 and again["test_opened"][0] == found["test_opened"][0]


def test_validation_is_measured_before_the_test_part_is_opened(assessed, monkeypatch):
    def fails(scene, indices, **given):
        raise ValueError("broken while validation was measured")

    monkeypatch.setattr(evaluation, "evaluate", fails)
    with pytest.raises(ValueError, match="broken while validation"):
        assessed(right)


def test_what_needs_no_network_is_compared(tiny_busi, tmp_path):
    found = compared(scene_of(tiny_busi, tmp_path, right, []), train=PARTS["train"], test=PARTS["test"])
    assert found["baselines"]["all background"]["dice"] == pytest.approx(1 / 3)
    assert found["annotators"]["pairs"] == 1 and not math.isnan(found["annotators"]["dice"])


def test_what_needs_no_network_is_measured_once_for_trials_that_share_it(tiny_busi, tmp_path, monkeypatch):
    def scored(more="", train=PARTS["train"], test=PARTS["test"]):
        return compared(scene_of(tiny_busi, tmp_path, right, [], more=more), train=train, test=test)

    measured = []
    monkeypatch.setattr(assessment, "_compared", {})
    monkeypatch.setattr(baselines, "row_of", lambda *given, **options: measured.append(0) or row_of(*given, **options))
    first = scored()
    answers = len(baselines.NAMES) * len(PARTS["test"])
    assert len(measured) == answers
    first["baselines"].clear()
    again = scored("  schedule: cosine\n  threshold: 0.25")
    assert len(measured) == answers and again["baselines"]["all background"]["dice"] == pytest.approx(1 / 3)
    scored("  loss: dice")
    scored(train=[1])
    scored(test=[4])
    assert len(measured) == 3 * answers + len(baselines.NAMES)


def test_every_structure_has_its_row_in_every_table(tmp_path):
    (tmp_path / "work").mkdir()
    scene = scene_of_organs(tmp_path, right, [0, 1, 2])
    rows, _ = assess(scene, train=[0], validation=[1], test=[2], work=tmp_path / "work")
    assert [row["id"] for row in rows] == [f"case2_{organ}" for organ in ORGANS]
    for table, number in (("training", 0), ("validation", 1), ("images", 2)):
        found = records.read_rows(tmp_path / "work" / f"{table}.csv")
        assert [row["id"] for row in found] == [f"case{number}_{organ}" for organ in ORGANS]
        assert [row["label"] for row in found] == list(ORGANS)
