"""Workers killed, signals, a full disk: a second run ends in the table of an undisturbed one, byte for byte."""

import json
import os
import signal
import time

import pytest

from tests.cli.commands import refused, ultraseg
from tests.cli.drawn_study import STRICT, begun, same, start, until
from ultraseg import records


@pytest.mark.slow
def test_a_worker_that_is_killed_changes_nothing(folder, undisturbed):
    with start(*STRICT, "--workers", 2, folder=folder) as run:
        trials = folder / "runs" / "trials"
        [backup, *_] = until(lambda: begun(trials), run)
        name = backup.parent.name.split(".")[1]
        [lease] = trials.glob(f".{name}.*.lease")
        os.kill(json.loads(lease.read_text().splitlines()[1])["process"], signal.SIGKILL)
        out, err = run.communicate(timeout=400)
    assert run.returncode == 0, out + err
    assert f"({name}) goes on in another worker from its last epoch: the worker was killed by SIGKILL" in out
    processes = records.read_json(trials / name / "env.json")["processes"]
    assert len(processes) == 2 and processes[1]["from_epoch"] > 0
    same(folder, undisturbed)


@pytest.mark.slow
def test_a_study_that_is_told_to_stop_does_so_soon_and_goes_on(folder, undisturbed):
    with start(*STRICT, "--workers", 2, folder=folder) as run:
        trials = folder / "runs" / "trials"
        until(lambda: begun(trials, finished=1), run)
        run.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        _, err = run.communicate(timeout=60)
        assert time.monotonic() - asked < 10
    assert run.returncode == 128 + signal.SIGTERM
    assert err == "ultraseg: stopped by SIGTERM; what is finished stays, give the same command again to go on\n"
    stamps = {path: path.stat().st_mtime_ns for path in trials.glob("[!.]*/images.csv")}
    assert 1 <= len(stamps) < 4
    answer = ultraseg(*STRICT, "--workers", 2, folder=folder)
    assert answer.returncode == 0 and f"{len(stamps)} of 4 done before" in answer.stdout
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    same(folder, undisturbed)


@pytest.mark.slow
def test_a_full_disk_ends_workers_too_and_the_study_goes_on(folder, undisturbed, files_below):
    with files_below(20_000):
        answer = ultraseg(*STRICT, "--workers", 2, folder=folder)
    refused(answer, "make room and give the same command again")
    assert answer.returncode == 3
    assert not list((folder / "runs" / "trials").glob(".*.failed.json"))
    assert ultraseg(*STRICT, "--workers", 2, folder=folder).returncode == 0
    same(folder, undisturbed)
