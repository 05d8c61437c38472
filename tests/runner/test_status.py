"""Status: every kind of trial is told from its files, and ten thousand are told quickly."""

import os
import time

import pytest

from ultraseg import records
from ultraseg.runner import states, studies
from ultraseg.runner._lease import claim
from ultraseg.runner.status import State

PROGRESS = {"epoch": 3, "epochs": 10, "val_dice": 0.5, "seconds_per_epoch": 2.0}


def begun(trials, name):
    """An unfinished trial that nobody works on."""
    with claim(trials, name) as lease:
        records.write_json(lease.work / "progress.json", PROGRESS)


def test_every_kind(tmp_path):
    (tmp_path / "aa").mkdir()
    begun(tmp_path, "cc")
    records.write_json(records.failure(tmp_path, "ee"), {"sentence": "MemoryError: no room"})
    with claim(tmp_path, "bb") as lease, claim(tmp_path, "dd"):
        records.write_json(lease.work / "progress.json", PROGRESS)
        found = states(tmp_path, ["aa", "bb", "cc", "dd", "ee", "ff"])
    assert found == {
        "aa": State("done"),
        "bb": State("running", 3, 10, 0.5, 7 * 2.0),
        "cc": State("waiting", 3, 10, 0.5, 14.0),
        "dd": State("running"),
        "ee": State("failed", sentence="MemoryError: no room"),
        "ff": State("waiting"),
    }


def test_a_lease_of_another_machine_goes_by_the_time_of_its_file(tmp_path):
    lease = tmp_path / ".aa.1.lease"
    lease.write_text('000000000007\n{"token": "x", "host": "another", "process": 1}\n')
    assert states(tmp_path, ["aa"])["aa"].kind == "running"
    os.utime(lease, (time.time() - 600,) * 2)
    assert states(tmp_path, ["aa"])["aa"].kind == "waiting"


def test_nothing_has_run_yet(tmp_path):
    assert states(tmp_path / "none", ["aa"]) == {"aa": State("waiting")}


def outline(folder, ids):
    cells = [{"label": "adam", "trials": [{"id": name, "seed": n, "fold": 0} for n, name in enumerate(ids)]}]
    records.write_json(folder / "study.json", {"version": 1, "cells": cells})


def test_studies_of_a_folder(tmp_path):
    for name in ("two-cpu", "one-demo"):
        outline(tmp_path / name, ["aa", "bb"])
    found = studies(tmp_path)
    assert [study.name for study in found] == ["one-demo", "two-cpu"]
    assert found[0].labels == {"aa": "adam, seed 0, fold 0", "bb": "adam, seed 1, fold 0"}
    assert found[0].trials == tmp_path / "trials"
    assert studies(tmp_path / "two-cpu") == found[1:]


def test_a_folder_without_studies_is_refused(tmp_path):
    with pytest.raises(ValueError, match="neither a study's folder nor one that holds some"):
        studies(tmp_path)
    records.write_json(tmp_path / "study.json", {"cells": [{}]})
    with pytest.raises(ValueError, match=r"study\.json: not what a study leaves"):
        studies(tmp_path)


def test_ten_thousand_trials_are_read_in_two_seconds(tmp_path):
    """A third done, a thousand unfinished, a few that run or failed, the rest waiting."""
    names = [f"{number:012x}" for number in range(10_000)]
    trials = tmp_path / "trials"
    for name in names[:3000]:
        (trials / name).mkdir(parents=True)
    for name in names[3000:4000]:
        (trials / f".{name}.1.part").mkdir()
        (trials / f".{name}.1.part" / "progress.json").write_text('{"epoch": 1, "epochs": 2, "val_dice": null, '
                                                                  '"seconds_per_epoch": 1.0}')  # fmt: skip
    records.write_json(records.failure(trials, names[4000]), {"sentence": "x"})
    outline(tmp_path / "large", names)
    start = time.perf_counter()
    [study] = studies(tmp_path)
    found = states(study.trials, list(study.labels))
    assert time.perf_counter() - start < 2
    kinds = [state.kind for state in found.values()]
    assert (kinds.count("done"), kinds.count("waiting"), kinds.count("failed")) == (3000, 6999, 1)
