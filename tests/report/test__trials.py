"""By hand: what a trial's folder is read as."""

import pytest

from tests.report.folders import put
from ultraseg.report._trials import read

RESOLVED = {"loss": {"bce": {}}}


def test_a_trial_that_is_not_done_is_none(tmp_path):
    assert read(tmp_path, "a", ["dice"]) is None


def test_scores_are_columns_in_the_order_of_the_images(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1, 0.7], auc=[0.8, None])
    trial = read(tmp_path, "a", ["dice", "auc"])
    assert trial.images == ("image-0", "image-1")
    assert trial.scores["dice"].tolist() == [0.1, 0.7]
    assert trial.scores["auc"][0] == 0.8 and trial.scores["auc"][1] != trial.scores["auc"][1]


def test_a_loss_is_named_with_its_options(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    put(tmp_path / "b", {"loss": {"dice": {"smooth": 1.0}}}, source="BUSI", dice=[0.1])
    assert read(tmp_path, "a", []).loss == "bce"
    assert read(tmp_path, "b", []).loss == "dice(smooth=1.0)"


def test_a_trial_that_lost_its_rows_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    (tmp_path / "a" / "images.csv").unlink()
    with pytest.raises(FileNotFoundError):
        read(tmp_path, "a", [])


def test_a_result_without_its_outcome_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    (tmp_path / "a" / "result.json").write_text("{}")
    with pytest.raises(ValueError, match="result.json: no 'outcome'; remove its folder"):
        read(tmp_path, "a", [])


def test_a_score_that_was_not_measured_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    with pytest.raises(ValueError, match="images.csv: no column 'hausdorff95'"):
        read(tmp_path, "a", ["hausdorff95"])
