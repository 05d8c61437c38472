"""Records come back as they were written, to the last bit; a damaged one is refused by name."""

import math

import numpy as np
import pytest

from ultraseg import records

ROW = {
    "id": "1",
    "group": "benign-1, copy",
    "label": "nan",
    "loss": 0.1 + 0.2,
    "auc": None,
    "dice": float("nan"),
    "tp": 12345678901,
    "iou": 5e-324,
    "fp": np.int64(3),
    "accuracy": np.float64(1 / 3),
}


def test_rows_come_back_to_the_last_bit(tmp_path):
    records.write_rows(tmp_path / "a.csv", list(ROW), [ROW, ROW])
    first, second = records.read_rows(tmp_path / "a.csv")
    assert list(first) == list(ROW)
    assert (first["id"], first["group"], first["label"]) == ("1", "benign-1, copy", "nan")
    assert first["loss"] == 0.30000000000000004 and first["iou"] == 5e-324
    assert first["accuracy"] == 1 / 3 and first["tp"] == 12345678901 and first["fp"] == 3
    assert math.isnan(first["auc"]) and math.isnan(first["dice"])
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == (
        '1,"benign-1, copy",nan,0.30000000000000004,,,12345678901,5e-324,3,0.3333333333333333'
    )


def test_infinity_is_a_number_and_columns_choose(tmp_path):
    records.write_rows(tmp_path / "a.csv", ("loss",), [{"loss": math.inf, "more": 1}])
    assert records.read_rows(tmp_path / "a.csv") == [{"loss": math.inf}]


def test_a_table_without_rows(tmp_path):
    records.write_rows(tmp_path / "a.csv", records.HISTORY, [])
    assert records.read_rows(tmp_path / "a.csv") == []


def test_a_missing_column_leaves_no_file(tmp_path):
    with pytest.raises(KeyError):
        records.write_rows(tmp_path / "a.csv", ("loss",), [{"loss": 1.0}, {}])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["", "id,loss\na,0.5x\n", "id,loss,tp\na,0.5,1\nb,0.2", "id,loss\na,0.5,7\n", "id,loss\na,\0\n"],
    ids=["empty", "no number", "cut short", "a column too many", "a zero byte"],
)
def test_a_damaged_table_is_refused_by_name(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ValueError, match=r"a\.csv: a damaged table; remove its folder"):
        records.read_rows(tmp_path / "a.csv")


def test_json_comes_back(tmp_path):
    value = {"id": "µ", "dice": 0.1, "none": None, "list": [1, True]}
    records.write_json(tmp_path / "a.json", value)
    assert records.read_json(tmp_path / "a.json") == value
    assert (tmp_path / "a.json").read_text().endswith("}\n")


def test_nan_is_not_json_and_leaves_no_file(tmp_path):
    with pytest.raises(ValueError):
        records.write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [b"", b'{"id": ', b"\xff\xfe"])
def test_damaged_json_is_refused_by_name(tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.json: not JSON .*; remove its folder"):
        records.read_json(tmp_path / "a.json")


def test_only_a_final_name_is_complete(tmp_path):
    work = records.under_way(tmp_path, "abc")
    work.mkdir()
    assert records.complete(tmp_path, "abc") is None
    work.rename(tmp_path / "abc")
    assert records.complete(tmp_path, "abc") == tmp_path / "abc"


def test_what_lies_among_trials(tmp_path):
    assert records.present(tmp_path / "none") == set()
    assert records.under_way(tmp_path / "none", "aa") == tmp_path / "none" / ".aa.part"
    for name in (".aa.part", ".aa.2.part", ".aa.10.part", ".aa.3.lease", ".ab.11.part", "aa"):
        (tmp_path / name).mkdir()
    assert set(records.numbered(tmp_path, "aa", "part")) == {0, 2, 10}
    assert records.numbered(tmp_path, "aa", "lease") == {3: tmp_path / ".aa.3.lease"}
    assert records.numbered(tmp_path, "aa", "part", among=[".aa.2.part"]) == {2: tmp_path / ".aa.2.part"}
    assert records.under_way(tmp_path, "aa") == tmp_path / ".aa.10.part"
    assert records.failure(tmp_path, "aa") == tmp_path / ".aa.failed.json"
    assert len(records.present(tmp_path)) == 6
