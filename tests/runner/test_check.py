"""Checks: what cannot run is named once, before anything starts, and what can is counted, timed and weighed."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.drawn import load
from ultraseg import losses, program, records, study
from ultraseg.runner import Crew, Job, Place, count, faults, plan, probe
from ultraseg.runner._jobs import Queue
from ultraseg.runner.check import MODEL, ROWS, Cost, _disk

STUDIES = Path(__file__).parents[2] / "studies"
CHECK = sys.modules["ultraseg.runner.check"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("check")
    more = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"
    return folder, plan(load(folder, more), root=folder / "phantoms", cache=folder / "cache")


def place(folder, determinism="seeded"):
    return Place(folder / "phantoms", folder / "trials", folder / "cache", determinism)


@pytest.mark.parametrize("title", study.available(STUDIES))
def test_every_demo_can_be_split_and_built(title, tmp_path_factory):
    drawn = tmp_path_factory.getbasetemp() / "demos"
    planned = plan(study.load(title, "demo", STUDIES), root=drawn / "phantoms", cache=drawn / "cache")
    assert planned and faults(planned, place=place(drawn), ask=Crew(0).ask)[0] == []


def test_what_can_run_has_no_faults_and_a_size(drawn):
    folder, jobs = drawn
    told, disk = faults(jobs, place=place(folder), ask=Crew(0).ask)
    assert told == [] and disk.free > disk.stays + disk.passes > 0
    assert faults([], place=place(folder), ask=None)[0] == []


def test_the_program_that_runs_first_is_built_once(drawn, monkeypatch):
    folder, jobs = drawn
    crew = Crew(0)
    faults(jobs, place=place(folder), ask=crew.ask)
    first = Queue(jobs).take(None)
    monkeypatch.setattr(program.Program, "__init__", None)
    assert crew.here._program(first.trial, 1).loss.func is losses.bce
    with pytest.raises(TypeError):
        crew.here._program(next(job.trial for job in jobs if job.program != first.program))


def test_every_fault_is_told_once(tmp_path):
    cross = "{optimizer.learning_rate: [0.1, -0.1], model.depth: [2, 5], seed: [0, 1]}"
    jobs = plan(load(tmp_path, f"cross: {cross}", "wrong"), root=tmp_path / "phantoms", cache=tmp_path / "cache")
    found, _ = faults(jobs, place=place(tmp_path), ask=Crew(0).ask)
    assert len(found) == 2
    assert any("learning_rate must be above 0, got -0.1" in sentence for sentence in found)
    assert any("an image must be at least 32 pixels high and wide, got 16" in sentence for sentence in found)


def well(order):
    """A worker that finds nothing wrong with programs of 10 and 30 bytes."""
    return {"faults": [], "sizes": {"a": [10, 30]}}


def job(name="aa", **trial):
    collection = SimpleNamespace(samples=[SimpleNamespace(structures=())])
    filled = {"data": {"mask_size": [4, 5]}, "batch": 4, "keep": "best", "preprocess": [], "augment": [], "schedule": 0}
    return Job({**filled, "optimizer": 0, **trial}, collection, name, "a", (7, 2, 3))


def test_a_disk_that_is_too_full_is_a_fault(tmp_path, monkeypatch):
    usage = SimpleNamespace(free=MODEL)
    monkeypatch.setattr(CHECK.shutil, "disk_usage", lambda folder: usage)
    [told], _ = faults([job()], place=place(tmp_path), ask=well)
    assert told.endswith("about 0 MiB are needed there and 0 MiB are free; make room")
    usage.free = MODEL * 2
    assert faults([job()], place=place(tmp_path), ask=well)[0] == []


def test_disk_by_hand(tmp_path):
    """Weights, 3 predictions of 4x5 pixels and 12 images' rows stay; three backups of `best`, two of `last`."""
    jobs = [job(), job(), job(keep="last")]
    found = _disk(jobs, {"a": [10, 30]}, place(tmp_path), 2)
    assert found.stays == 3 * (10 + MODEL + 3 * 20 + ROWS * 12)
    assert found.passes == 3 * 30 + 3 * 30
    assert _disk(jobs, {"a": [10, 30]}, place(tmp_path), 3).passes == 3 * 30 + 3 * 30 + 2 * 30


def test_a_trial_that_was_begun_at_another_determinism_is_a_fault(tmp_path):
    work = tmp_path / "trials" / ".aa.1.part"
    work.mkdir(parents=True)
    records.write_json(work / "env.json", {"processes": [{"determinism": "strict"}]})
    assert faults([job()], place=place(tmp_path), ask=well)[0] == []  # nothing was saved yet
    (work / "backup.npz").touch()
    [told], _ = faults([job()], place=place(tmp_path), ask=well)
    assert told.endswith(".aa.1.part: begun with --determinism strict; go on so, or remove the folder to start anew")
    assert faults([job()], place=place(tmp_path, "strict"), ask=well)[0] == []


def test_a_trial_that_was_strictly_begun_on_other_devices_is_a_fault(tmp_path):
    work = tmp_path / "trials" / ".aa.1.part"
    work.mkdir(parents=True)
    (work / "backup.npz").touch()
    one, two = (replace(place(tmp_path, "strict"), devices=devices) for devices in (1, 2))
    for begun, same, other in (({}, one, two), ({"devices": 2}, two, one)):
        records.write_json(work / "env.json", {"processes": [{"determinism": "strict", **begun}]})
        assert faults([job()], place=same, ask=well)[0] == []
        [told], _ = faults([job()], place=other, ask=well)
        assert f"begun with --devices {same.devices}, and strict wants the same bits; go on so" in told
    records.write_json(work / "env.json", {"processes": [{"determinism": "seeded", "devices": 2}]})
    assert faults([job()], place=place(tmp_path), ask=well)[0] == []


def test_a_batch_that_devices_cannot_share_is_a_fault(tmp_path):
    jobs = [job("aa", batch=3), job("bb", batch=4), job("cc", batch=3)]
    [told], _ = faults(jobs, place=replace(place(tmp_path), devices=2), ask=None)
    assert told.startswith("--devices 2: a batch of 3 images")


def test_counts_of_every_kind(tmp_path):
    (tmp_path / "aa").mkdir()
    records.write_json(records.failure(tmp_path, "bb"), {})
    jobs = [job(name) for name in ("aa", "bb", "cc", "dd", "cc")]
    counts = count(jobs, trials=tmp_path)
    assert [[job.id for job in part] for part in (counts.done, counts.failed, counts.left)] == [
        ["aa"], ["bb"], ["cc", "dd"],
    ]  # fmt: skip
    assert counts.all == 4


def test_probe_counts_every_step(drawn):
    folder, jobs = drawn
    costs = probe(jobs, place=place(folder), ask=lambda: Crew(0).ask)
    assert [len(cost.jobs) for cost in costs] == [2, 2]
    for cost in costs:
        assert cost.training / cost.seconds_per_step == pytest.approx(2 * 3 * 5)  # trials, epochs, ceil(20 / 4)
        assert cost.answering > 0 and cost.compiling > 10 * cost.seconds_per_step
        assert cost.seconds == cost.training + cost.answering + cost.compiling
        assert cost.peak_memory_mib > 100
        assert cost.momentum == 0.9 and cost.unsettled == pytest.approx(0.9**15)


@pytest.mark.parametrize("budget", [{"epochs": 5}, {"budget": {"minutes": 1}}])
def test_what_is_left_of_running_averages_by_hand(budget):
    left = Cost((job(**budget),), 6.0, 0, 0, 0, 0, momentum=0.9).unsettled
    assert left == pytest.approx(0.9**10)  # 5 * ceil(7 / 4), or 60 s of 6 s each
