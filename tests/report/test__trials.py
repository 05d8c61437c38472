"""By hand: what a trial's folder is read as."""

import numpy as np
import pytest

from tests.report.folders import put
from ultraseg import records
from ultraseg.report._trials import read

RESOLVED = {"loss": {"bce": {}}}


def test_a_trial_that_is_not_done_is_none(tmp_path):
    assert read(tmp_path, "a") is None


def test_scores_are_columns_in_the_order_of_the_images(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1, 0.7], auc=[0.8, None])
    trial = read(tmp_path, "a")
    assert trial.images == ("image-0", "image-1")
    assert trial.score("dice").tolist() == [0.1, 0.7]
    np.testing.assert_array_equal(trial.score("auc"), [0.8, np.nan])


@pytest.mark.parametrize("measure, column", [("hausdorff95", "hausdorff95_px"), ("detected", "detected_50")])
def test_a_measure_is_found_in_the_column_that_holds_it(tmp_path, measure, column):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1, 0.7], amended=[{column: 3.0}, {column: 4.0}])
    assert read(tmp_path, "a").score(measure).tolist() == [3.0, 4.0]


def test_tables_are_by_part(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1, 0.7], validation=1)
    put(tmp_path / "b", RESOLVED, source="BUSI", dice=[0.1, 0.7], validation=0)
    tables = read(tmp_path, "a").tables
    assert {part: len(table) for part, table in tables.items()} == {"test": 2, "validation": 1, "training": 2}
    assert list(tables["training"]) == list(records.TRAINING)
    assert list(read(tmp_path, "b").tables) == ["test", "training"]


def test_a_trial_that_kept_no_epoch_has_no_scores(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[], outcome="diverged")
    trial = read(tmp_path, "a")
    assert (trial.outcome, trial.images, trial.tables, trial.score("dice").size) == ("diverged", (), {}, 0)


def test_a_loss_is_named_with_its_options(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    put(tmp_path / "b", {"loss": {"dice": {"smooth": 2.0, "over": "image"}}}, source="BUSI", dice=[0.1])
    assert read(tmp_path, "a").loss == "bce"
    assert read(tmp_path, "b").loss == "dice(smooth=2.0)"


def test_a_sum_of_losses_is_named_by_its_parts(tmp_path):
    parts = [{"bce": {"positive_weight": 1.0}}, {"dice": {"smooth": 2.0, "over": "image"}}]
    put(tmp_path / "a", {"loss": {"weighted_sum": {"parts": parts, "weights": [1, 2]}}}, source="BUSI", dice=[0.1])
    assert read(tmp_path, "a").loss == "weighted_sum(parts=[bce, dice(smooth=2.0)], weights=[1, 2])"


def test_a_trial_that_lost_its_rows_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    (tmp_path / "a" / "images.csv").unlink()
    with pytest.raises(FileNotFoundError):
        read(tmp_path, "a")


def test_a_result_without_its_outcome_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    (tmp_path / "a" / "result.json").write_text("{}")
    with pytest.raises(ValueError, match="result.json: no 'outcome'; remove its folder"):
        read(tmp_path, "a")


def test_a_score_that_was_not_measured_is_refused(tmp_path):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    path = tmp_path / "a" / "images.csv"
    columns = [column for column in records.IMAGES if column != "hausdorff95_px"]
    records.write_rows(path, columns, records.read_rows(path))
    with pytest.raises(ValueError, match="images.csv: no column 'hausdorff95_px'; remove its folder"):
        read(tmp_path, "a")


@pytest.mark.parametrize("key", ["threshold", "baselines", "annotators"])
def test_a_result_in_another_form_is_refused(tmp_path, key):
    put(tmp_path / "a", RESOLVED, source="BUSI", dice=[0.1])
    path = tmp_path / "a" / "result.json"
    records.write_json(path, {name: value for name, value in records.read_json(path).items() if name != key})
    with pytest.raises(ValueError, match=f"result.json: no '{key}'"):
        read(tmp_path, "a")
