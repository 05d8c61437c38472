"""The local runner: what is finished stays, what is missing is run, one trial never runs twice at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.drawn import load
from ultraseg import records, study
from ultraseg.runner.local import faults, local, plan, probe

STUDIES = Path(__file__).parents[2] / "studies"
CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"
HOLD = """
import fcntl, sys
with open(sys.argv[1], "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""
"""A process that has a trial's lock until its input ends."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("runner")


@pytest.fixture(scope="module")
def jobs(place):
    """Two programs, each with a trial at a constant and one at a falling rate, by turns."""
    return plan(load(place, CROSS), root=place / "phantoms", cache=place / "cache")


@pytest.mark.parametrize("title", study.available(STUDIES))
def test_every_demo_can_be_split_and_built(title, tmp_path_factory):
    drawn = tmp_path_factory.getbasetemp() / "demos"
    planned = plan(study.load(title, "demo", STUDIES), root=drawn / "phantoms", cache=drawn / "cache")
    assert planned and faults(planned) == []


def run(jobs, trials, cache):
    seen = []
    local(jobs, trials=trials, cache=cache, watch=seen.append)
    return [event for event in seen if event["kind"] in ("start", "done", "elsewhere")]


@pytest.fixture(scope="module")
def runs(jobs, place):
    """One trial, then all of them with one that stands twice, then all again; events, and the stamps of the first."""
    trials, cache = place / "trials", place / "cache"
    first, rows = run(jobs[:1], trials, cache), trials / jobs[0].id / "images.csv"
    stamps = [rows.stat().st_mtime_ns]
    second = run([*jobs, jobs[1]], trials, cache)
    third = run(jobs, trials, cache)
    return first, second, third, [*stamps, rows.stat().st_mtime_ns]


def done(events):
    return [event["id"] for event in events if event["kind"] == "done"]


def test_missing_trials_run_and_finished_ones_do_not(jobs, runs):
    first, second, third, stamps = runs
    assert [(event["kind"], event["id"]) for event in first] == [("start", jobs[0].id), ("done", jobs[0].id)]
    assert set(done(second)) == {job.id for job in jobs[1:]} and third == []
    assert stamps[0] == stamps[1]


def test_a_trial_that_stands_twice_runs_once(runs):
    assert len(done(runs[1])) == 3


def test_trials_that_share_a_program_follow_each_other(jobs, runs):
    losses = {job.id: next(iter(job.trial["loss"])) for job in jobs}
    assert [losses[job.id] for job in jobs[1:]] == ["dice", "bce", "dice"]
    assert [losses[name] for name in done(runs[1])] in (["bce", "dice", "dice"], ["dice", "dice", "bce"])


def test_a_trial_that_another_process_trains_is_left_alone(jobs, place, tmp_path):
    name, trials = jobs[0].id, tmp_path / "trials"
    trials.mkdir()
    command = [sys.executable, "-c", HOLD, str(trials / f".{name}.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        events = run(jobs[:1], trials, place / "cache")
        other.communicate()
    assert [event["kind"] for event in events] == ["elsewhere"]
    assert records.complete(trials, name) is None
    assert [event["kind"] for event in run(jobs[:1], trials, place / "cache")] == ["start", "done"]


def test_what_can_run_has_no_faults(jobs):
    assert faults(jobs) == []


def test_every_fault_is_told_once(place):
    cross = "{optimizer.learning_rate: [0.1, -0.1], model.depth: [2, 5], seed: [0, 1]}"
    jobs = plan(load(place, f"cross: {cross}", "wrong"), root=place / "phantoms", cache=place / "cache")
    found = faults(jobs)
    assert len(found) == 2
    assert any("learning_rate must be above 0, got -0.1" in sentence for sentence in found)
    assert any("an image must be at least 32 pixels high and wide, got 16" in sentence for sentence in found)


def test_probe_counts_every_step(jobs, place):
    costs = probe(jobs, cache=place / "cache")
    assert [len(cost.jobs) for cost in costs] == [2, 2]
    for cost in costs:
        steps = cost.seconds / cost.seconds_per_step
        assert steps == pytest.approx(2 * 3 * 5)  # trials, epochs, ceil(20 / 4)
