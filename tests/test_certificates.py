"""Certificates: what a split was made from, and that a leak in one is named pair by pair."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ultraseg import certificates, splits
from ultraseg.samples import Row, Sample
from ultraseg.splits import Fold

SAMPLES = [
    Sample(f"{i}", Path(f"{i}.png"), (), "ab"[i % 2], f"patient {i // 2}", "drawn", scan=f"scan {i // 2}", lesion=0.1)
    for i in range(6)
]
ROWS = [Row(s.id, "x", "y", s.label, s.group, s.scan, "", "0.100000") for s in SAMPLES]
SPEC = {"holdout": {"share": 0.33, "seed": 5}}


def made(fold, samples=SAMPLES):
    return certificates.certificate(samples, [fold], split=SPEC, validation=0.15, manifest="ab12")


def test_a_certificate_says_what_it_was_made_from():
    found = made(Fold([0, 1], [2, 3], [4, 5]))
    [fold] = found.pop("folds")
    assert found == {
        "source": "drawn",
        "manifest_sha256": "ab12",
        "images": 6,
        "groups": 3,
        "split": SPEC,
        "validation": 0.15,
        "statement": "No group crosses: each of 3 groups lies in one part of every fold.",
    }
    assert fold == {
        "train": ["0", "1"],
        "validation": ["2", "3"],
        "test": ["4", "5"],
        "sizes": {"train": 2, "validation": 2, "test": 2},
        "strata": {part: {"a small": 1, "b small": 1} for part in ("train", "validation", "test")},
        "test_images_with_a_twin_in_training": 0,
    }


def test_a_leak_stands_in_the_statement():
    found = made(Fold([0, 2], [], [1, 3, 4]))
    assert found["statement"] == "This split leaks: of 3 groups 2 lie in several parts of a fold."
    assert found["folds"][0]["test_images_with_a_twin_in_training"] == 2


def test_a_certificate_is_a_split_that_studies_can_name(tmp_path):
    fold = Fold([0, 1], [2, 3], [4, 5])
    certificates.write(tmp_path / "split.json", made(fold))
    assert certificates.check(tmp_path / "split.json", ROWS, manifest="ab12") == []
    [(train, validation, test)] = splits.read_split(tmp_path / "split.json")
    assert (train, validation, test) == (["0", "1"], ["2", "3"], ["4", "5"])


def test_every_pair_that_leaks_is_named(tmp_path):
    certificates.write(tmp_path / "split.json", made(Fold([0, 2], [3], [1, 4])))
    rows = [replace(row, scan=row.id) if row.id in "23" else row for row in ROWS]
    assert certificates.check(tmp_path / "split.json", rows, manifest="ab12") == [
        "fold 0: 0 (train) and 1 (test) are of one scan",
        "fold 0: 2 (train) and 3 (validation) are of one group",
    ]


def test_another_manifest_and_unknown_images_are_named(tmp_path):
    certificates.write(tmp_path / "split.json", made(Fold([0, 1], [], [4])))
    assert certificates.check(tmp_path / "split.json", ROWS[:4], manifest="cd34") == [
        "made from another manifest: ab12 where this one is cd34",
        "fold 0: 4 is not in the manifest",
    ]


def test_a_split_of_any_hand_is_checked(tmp_path):
    (tmp_path / "split.json").write_text(json.dumps({"train": ["0"], "test": ["1"]}))
    assert certificates.check(tmp_path / "split.json", ROWS, manifest="ab12") == [
        "fold 0: 0 (train) and 1 (test) are of one scan"
    ]
    (tmp_path / "split.json").write_text("[]")
    with pytest.raises(ValueError, match="not a split"):
        certificates.check(tmp_path / "split.json", ROWS, manifest="ab12")
