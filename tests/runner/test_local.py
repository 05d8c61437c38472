"""The local runner: what is finished stays, what is missing is run, one trial never runs twice at once."""

import multiprocessing
from pathlib import Path

import pytest

from tests.drawn import load
from ultraseg import records, study
from ultraseg.runner.local import _alone as alone
from ultraseg.runner.local import faults, local, plan, probe

STUDIES = Path(__file__).parents[2] / "studies"
CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"


@pytest.fixture
def jobs(tmp_path):
    study = load(tmp_path, CROSS)
    return plan(study, root=tmp_path / "phantoms", cache=tmp_path / "cache")


@pytest.mark.parametrize("title", study.available(STUDIES))
def test_every_demo_can_be_split_and_built(title, tmp_path_factory):
    drawn = tmp_path_factory.getbasetemp() / "demos"
    planned = plan(study.load(title, "demo", STUDIES), root=drawn / "phantoms", cache=drawn / "cache")
    assert planned and faults(planned) == []


def run(jobs, folder):
    seen = []
    local(jobs, trials=folder / "trials", cache=folder / "cache", watch=seen.append)
    return [event for event in seen if event["kind"] in ("start", "done", "elsewhere")]


def test_missing_trials_run_and_finished_ones_do_not(jobs, tmp_path):
    first = run(jobs[:1], tmp_path)
    assert [event["kind"] for event in first] == ["start", "done"]
    stamp = (tmp_path / "trials" / jobs[0].id / "images.csv").stat().st_mtime_ns
    second = run(jobs, tmp_path)
    assert {event["id"] for event in second if event["kind"] == "done"} == {job.id for job in jobs[1:]}
    assert (tmp_path / "trials" / jobs[0].id / "images.csv").stat().st_mtime_ns == stamp
    assert run(jobs, tmp_path) == []


def test_trials_that_share_a_program_follow_each_other(jobs, tmp_path):
    done = [event["id"] for event in run(jobs, tmp_path) if event["kind"] == "done"]
    losses = {job.id: next(iter(job.trial["loss"])) for job in jobs}
    order = [losses[name] for name in done]
    assert order in (["bce", "bce", "dice", "dice"], ["dice", "dice", "bce", "bce"])


def test_a_trial_that_stands_twice_runs_once(jobs, tmp_path):
    assert len([e for e in run([jobs[0], jobs[0]], tmp_path) if e["kind"] == "done"]) == 1


def _hold(folder, name, held, release):
    with alone(folder, name) as mine:
        assert mine
        held.set()
        release.wait(60)


def test_a_trial_that_another_process_trains_is_left_alone(jobs, tmp_path):
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "trials", jobs[0].id, held, release))
    other.start()
    assert held.wait(60)
    events = run(jobs[:1], tmp_path)
    release.set()
    other.join()
    assert [event["kind"] for event in events] == ["elsewhere"]
    assert records.complete(tmp_path / "trials", jobs[0].id) is None
    assert [event["kind"] for event in run(jobs[:1], tmp_path)] == ["start", "done"]


def test_what_can_run_has_no_faults(jobs):
    assert faults(jobs) == []


def test_every_fault_is_told_once(tmp_path):
    cross = "{optimizer.learning_rate: [0.1, -0.1], model.depth: [2, 5], seed: [0, 1]}"
    jobs = plan(load(tmp_path, f"cross: {cross}"), root=tmp_path / "phantoms", cache=tmp_path / "cache")
    found = faults(jobs)
    assert len(found) == 2
    assert any("learning_rate must be above 0, got -0.1" in sentence for sentence in found)
    assert any("an image must be at least 32 pixels high and wide, got 16" in sentence for sentence in found)


def test_probe_counts_every_step(jobs, tmp_path):
    costs = probe(jobs, cache=tmp_path / "cache")
    assert [len(cost.jobs) for cost in costs] == [2, 2]
    for cost in costs:
        steps = cost.seconds / cost.seconds_per_step
        assert steps == pytest.approx(2 * 3 * 5)  # trials, epochs, ceil(20 / 4)
