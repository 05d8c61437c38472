"""Running and looking on: the same numbers from any number of workers, whatever dies, and a study that goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from tests.cli.commands import refused, ultraseg, within
from tests.cli.drawn_study import CROSS, RUN, STRICT, numbers, same, start
from tests.drawn import load
from ultraseg import records
from ultraseg.cli import _report, _screen
from ultraseg.cli._stopping import Stopped, stoppable
from ultraseg.report.report import Report
from ultraseg.runner import plan
from ultraseg.runner._lease import claim

HERE = (*RUN, "--workers", 0)
PROCESS = sys.modules["ultraseg.runner._process"]


def given_up(folder):
    """Write that every trial of the study was given up; their ids."""
    planned = plan(load(folder, CROSS), root=folder / "data/cache/phantoms", cache=folder / "data/cache")
    (folder / "runs" / "trials").mkdir(parents=True)
    for job in planned:
        why = {"id": job.id, "sentence": "MemoryError: no room", "traceback": "Traceback"}
        records.write_json(records.failure(folder / "runs" / "trials", job.id), why)
    return [job.id for job in planned]


def test_trials_that_were_given_up_are_named_and_the_status_is_not_0(folder):
    names = given_up(folder)
    answer = within(*HERE, folder=folder)
    assert answer.returncode == 1
    assert "4 trials, 0 of 4 done before, 4 given up before" in answer.stdout
    assert "4 of 4 trials were given up" in answer.stderr and names[0] in answer.stderr
    shown = within("status", "runs", folder=folder)
    assert shown.returncode == 0 and "drawn-none: 4 failed" in shown.stdout and "MemoryError: no room" in shown.stdout
    check = within("check", "drawn.yaml", "--profile", "none", "--workers", 0, folder=folder)
    assert "0 of 4 done, 4 given up (--retry tries them again), 0 waiting" in check.stdout


@pytest.mark.slow
def test_retry_tries_again_what_was_given_up(folder):
    given_up(folder)
    answer = within(*HERE, "--retry", folder=folder)
    assert answer.returncode == 0, answer.stderr
    assert len(numbers(folder / "runs")) == 4 and not list((folder / "runs" / "trials").glob(".*"))


def test_status_tells_of_every_kind(folder):
    trials = folder / "runs" / "trials"
    ids = [{"id": name, "seed": seed, "fold": 0} for seed, name in enumerate(("aa", "bb", "cc", "dd"))]
    study = {"version": 1, "cells": [{"label": "adam", "trials": ids}]}
    records.write_json(folder / "runs" / "small-cpu" / "study.json", study)
    (trials / "aa").mkdir(parents=True)
    with claim(trials, "bb") as lease:
        told = {"epoch": 3, "epochs": 10, "val_dice": 0.4567, "seconds_per_epoch": 100.0}
        records.write_json(lease.work / "progress.json", told)
        answer = within("status", "runs/small-cpu", folder=folder)
    assert answer.returncode == 0
    assert "small-cpu: 1 done, 2 waiting, 1 running" in answer.stdout
    for words in ("adam, seed 1, fold 0", "3 of 10", "0.457", "12 min"):  # 7 epochs of 100 seconds
        assert words in answer.stdout, answer.stdout
    (folder / "data").mkdir()
    refused(within("status", "data", folder=folder), "neither a study's folder nor one that holds some")
    refused(within("status", "runs", "--watch", folder=folder), "--watch: wants a terminal")


def test_status_takes_a_study_by_its_name_too(folder):
    study = {"version": 1, "cells": [{"label": "adam", "trials": [{"id": "aa", "seed": 0, "fold": 0}]}]}
    refused(within("status", "runs", folder=folder), "runs: neither a study's folder nor one that holds some")
    refused(within("status", "drawn", folder=folder), "runs: run `ultraseg run drawn --profile demo` first")
    for runs, options in (("runs", []), ("others", ["--runs", "others"])):
        records.write_json(folder / runs / "drawn-small" / "study.json", study)
        for name in ("drawn", "drawn.yaml"):
            answer = within("status", name, "--profile", "small", *options, folder=folder)
            assert answer.returncode == 0 and "drawn-small: 1 waiting" in answer.stdout, answer.stderr
    refused(within("status", "drawn", folder=folder), "unknown study 'drawn-demo'; did you mean 'drawn-small'?")


def test_check_says_what_the_profile_leaves_out(folder):
    answer = within("check", "drawn.yaml", "--profile", "small", "--workers", 0, folder=folder)
    assert answer.returncode == 0, answer.stderr
    assert "profile small leaves out or changes, against the file as it stands:" in answer.stdout
    for line in ("* loss: without 'dice'", "* trials: 2 instead of 4", "* epochs: 1 instead of 3"):
        assert line in answer.stdout
    assert "too few steps for batch norms of momentum 0.9: " in answer.stdout


def test_a_program_that_kills_its_worker_is_invalid(folder, monkeypatch):
    monkeypatch.setattr(PROCESS, "BOOT", "import os; os.kill(os.getpid(), 9)")
    for command in (("check", "drawn.yaml", "--profile", "none"), RUN):
        answer = within(*command, folder=folder)
        told = answer.stdout + answer.stderr
        assert answer.returncode == 2
        assert "building a program: the worker was killed by SIGKILL, as happens when memory runs out" in told
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--shard", "3/2"), "--shard: write K/N with K from 1 to N"),
        (("--workers", -1), "--workers: at least 0 wanted, got -1"),
        (("--determinism", "exact"), "--determinism: must be one of seeded, strict, got 'exact'"),
        (("--track", "notebook"), "unknown tracker 'notebook'"),
        (("--executor", "cloud"), "--executor: must be one of local, ray, slurm, got 'cloud'"),
        (("--address", "auto"), "--address: is for --executor ray; this run has --executor local"),
        (("--executor", "slurm", "--gpus-per-trial", 0.0), "--gpus-per-trial: is for --executor ray"),
        (("--executor", "ray", "--devices", "all"), "--devices all: counts the GPUs of this machine"),
        (("--executor", "slurm", "--devices", "0"), "--devices: a number from 1 wanted, got '0'"),
        (("--executor", "ray", "--devices", 2, "--gpus-per-trial", 0.5), "--gpus-per-trial: 2 wanted with --devices 2"),
        (("--executor", "ray", "--wait"), "--wait: is for --executor slurm; this run has --executor ray"),
        (("--executor", "slurm", "--slurm", "partition"), "--slurm: write KEY=VALUE, such as partition=gpu"),
        (("--executor", "slurm", "--shard", "1/2"), "has a shard for each job, as many as --workers says"),
        (("--executor", "ray", "--workers", 0), "--workers: at least 1 wanted on Ray, got 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(folder, words, sentence):
    refused(within(*RUN, *words, folder=folder), sentence)
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_block_once(number):
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match=number.name) as stopped, stoppable():
        os.kill(os.getpid(), number)
        time.sleep(10)
    assert stopped.value.number == number and signal.getsignal(number) == before


def test_signals_while_cleaning_up_are_passed_over():
    with pytest.raises(Stopped), stoppable():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_two_workers_give_what_one_gives(folder, undisturbed):
    answer = ultraseg(*STRICT, "--workers", 2, folder=folder)
    assert answer.returncode == 0, answer.stderr
    same(folder, undisturbed)


@pytest.mark.slow
def test_two_shards_give_what_one_runner_gives(folder, undisturbed):
    for shard, done in (("1/2", 2), ("2/2", 4)):
        answer = ultraseg(*STRICT, "--shard", shard, folder=folder)
        assert answer.returncode == 0 and "4 trials, 2 in this shard, 0 of 2 done before" in answer.stdout, answer
        assert len(numbers(folder / "runs")) == done
    same(folder, undisturbed)


@pytest.mark.slow
def test_two_runners_started_at_once_train_every_trial_once(folder, undisturbed):
    both = [start(*STRICT, folder=folder) for _ in range(2)]
    for run in both:
        out, err = run.communicate(timeout=400)
        assert run.returncode == 0, out + err
    again = ultraseg(*STRICT, folder=folder)
    assert "4 trials, 4 of 4 done before" in again.stdout
    for path in (folder / "runs" / "trials").glob("*/env.json"):
        assert len(json.loads(path.read_text())["processes"]) == 1
    same(folder, undisturbed)


@pytest.mark.slow
def test_the_runner_itself_loads_no_tensorflow(folder):
    code = (
        "import sys; sys.argv = ['ultraseg', *sys.argv[1:]]\nfrom ultraseg.cli import main\n"
        "try:\n main()\nexcept SystemExit as end:\n"
        " print(end.code, *sorted({'tensorflow', 'keras'} & sys.modules.keys()), file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code, *RUN], cwd=folder, capture_output=True, text=True, check=False)
    assert answer.stderr.split() in (["0"], ["None"]), answer.stderr
    assert Path(folder / "runs" / "drawn-none" / "panels.png").is_file()


def test_a_narrow_terminal_cuts_no_name_short(monkeypatch, capsys):
    row = ["log_cosh_dice_over_channels", "0.5173 ± 0.0163"]
    monkeypatch.setattr(_report, "console", lambda: Console(width=24))
    _report._print(Report("A title", ["row", "hausdorff95 (px)"], [row], [], {}))
    shown = capsys.readouterr().out
    assert "…" not in shown and {"log_cosh", "_dice_ov", "er_chann", "els"} <= set(shown.split())


def test_long_work_is_told_of_where_no_bar_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(_screen, "OFTEN", -1.0)
    assert list(_screen.watched(iter("ab"), 2, "reading")) == ["a", "b"]
    assert capsys.readouterr().err == "reading: 1 of 2\nreading: 2 of 2\n"
    monkeypatch.setattr(_screen, "OFTEN", 60.0)
    assert list(_screen.watched(iter("ab"), 0, "reading")) == ["a", "b"]
    assert capsys.readouterr() == ("", "")
