"""By hand: what `study.json` holds, and what is refused."""

import json

import pytest

from tests.report.folders import QUESTION
from ultraseg.report import outline
from ultraseg.report._outline import Replicate, load


def test_what_is_written_is_what_is_read(folder):
    whole = load(folder().root)
    assert (whole.study, whole.profile, whole.data, whole.primary) == ("question", "", "BUSI", "dice")
    assert whole.axes == ("optimizer",)
    assert [cell.label for cell in whole.cells] == ["sgd", "adam"]
    assert whole.cells[0].published == {"loss": 0.1877, "accuracy": 0.9251, "auc": 0.9728}
    assert whole.cells[0].where == "row 1"
    assert whole.cells[1].published == {}
    assert whole.cells[1].trials[2] == Replicate("000001000002", seed=2, fold=0)
    assert whole.baseline == 0
    assert json.loads((folder().root / "study.json").read_text())["version"] == 1


def test_the_baseline_is_the_cell_that_the_study_names(folder):
    assert load(folder(QUESTION + "baseline: {optimizer: adam}\n").root).baseline == 1


def test_ids_must_be_one_a_trial(folder):
    made = folder()
    with pytest.raises(ValueError, match="question: 6 trials but 5 ids"):
        outline(made.study, ["0"] * 5, folder=made.root, data="BUSI", command="")


def test_a_folder_without_study_json_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no study.json there"):
        load(tmp_path)


@pytest.mark.parametrize("text, words", [('{"version": 2}', "2 where 1"), ("[]", "None where 1"), ("{", "not JSON")])
def test_another_form_is_refused_by_name(tmp_path, text, words):
    (tmp_path / "study.json").write_text(text)
    with pytest.raises(ValueError, match=f"study.json: .*{words}"):
        load(tmp_path)


def test_a_part_that_is_missing_is_refused(folder):
    path = folder().root / "study.json"
    tree = json.loads(path.read_text())
    del tree["primary"]
    path.write_text(json.dumps(tree))
    with pytest.raises(ValueError, match="primary"):
        load(path.parent)


def test_values_are_comparable_only_on_the_same_data(folder):
    assert load(folder(name="a").root).comparable
    assert not load(folder(data="phantom (synthetic)", name="b").root).comparable
