"""A worker: what it says when it fails, and that a real one checks, times and trains as this process does."""

import errno
import sys

import pytest

from tests.drawn import load
from ultraseg import records
from ultraseg.runner import Crew, Place, local, plan, probe, worker


def failure(error):
    try:
        raise error
    except type(error):
        return worker._failure(*sys.exc_info())


def test_what_a_user_can_cause_is_told_as_it_is():
    told = failure(ValueError("batch must be at least 1"))
    assert (told["kind"], told["plain"], told["errno"]) == ("failed", "batch must be at least 1", None)
    assert told["sentence"] == "ValueError: batch must be at least 1"
    assert "in failure" in told["traceback"]


def test_an_error_without_words_has_its_name():
    told = failure(MemoryError())
    assert (told["sentence"], told["plain"]) == ("MemoryError", "")


@pytest.mark.parametrize("number", worker.FULL)
def test_a_full_disk_is_told_by_number_and_file(number):
    told = failure(OSError(number, "full", "/place/backup.npz"))
    assert (told["errno"], told["file"]) == (number, "/place/backup.npz")


def test_a_full_disk_in_tensorflows_words():
    assert failure(RuntimeError("No space left on device"))["errno"] == errno.ENOSPC


def test_another_system_error_is_no_full_disk():
    assert failure(OSError(errno.EACCES, "Permission denied", "/place"))["errno"] is None


@pytest.mark.slow
def test_a_small_network_after_a_large_one_is_not_charged_with_its_memory(tmp_path):
    widths = "{first: {model.width: 3}, large: {model.width: 320}, small: {model.width: 4}}"
    jobs = plan(load(tmp_path, f"cross: {{net: {widths}}}"), root=tmp_path / "phantoms", cache=tmp_path / "cache")
    place, peaks = Place(tmp_path / "phantoms", tmp_path / "trials", tmp_path / "cache"), []
    with Crew(1, threads=2) as crew:
        pids = {(process := crew.start(0)).pid}
        for job in jobs:
            crew.ask(place.order(job, do="run"))
            peaks.append(records.read_json(place.trials / job.id / "result.json")["peak_memory_mib"])
        assert pids == {process.pid}
    first, large, small = peaks
    assert large > first + 1000 and small < first + 300


@pytest.mark.slow
def test_a_real_worker_trains_the_same_to_the_last_bit(tmp_path):
    """A worker of one core and this process, whose TensorFlow has two."""
    jobs = plan(load(tmp_path, "cross: {seed: [0, 1]}"), root=tmp_path / "phantoms", cache=tmp_path / "cache")
    found = []
    for folder, workers in (("here", 0), ("there", 1)):
        place = Place(tmp_path / "phantoms", tmp_path / folder, tmp_path / "cache", "strict")
        with Crew(workers, threads=2) as crew:
            outcome = local(jobs, place=place, crew=crew)
            assert (outcome.failed, outcome.elsewhere) == ({}, [])
            if workers:
                crew.stop()
                [cost] = probe(jobs, place=place, ask=lambda crew=crew: crew.ask)
                assert 100 < cost.peak_memory_mib < 4000 and cost.training == 2 * 15 * cost.seconds_per_step
        found.append([(tmp_path / folder / job.id / "images.csv").read_bytes() for job in jobs])
        for job in jobs:
            result = records.read_json(tmp_path / folder / job.id / "result.json")
            assert result["peak_memory_mib"] > 100 and result["seconds_per_epoch"] > 0
    assert found[0] == found[1]
