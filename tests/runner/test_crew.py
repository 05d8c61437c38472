"""Crews: real processes that are shared out, die, are replaced and never outlive their runner."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runner import acting
from ultraseg import records, runtime
from ultraseg.runner import Crew, Died, Job, Place, crew, local

MODULE = sys.modules["ultraseg.runner.crew"]
PROCESS = sys.modules["ultraseg.runner._process"]
RUNNER = """
import sys
from pathlib import Path
from tests.runner import acting
from ultraseg.runner import Crew, Job, Place, local
sys.modules["ultraseg.runner._process"].BOOT = acting.BOOT
trials = Path(sys.argv[1])
job = Job({"acts": ["epoch", "sleep"]}, None, "a1", "a", (1, 1, 1))
with Crew(1) as crew:
    local([job], place=Place(trials, trials, trials), crew=crew)
"""


@pytest.fixture(autouse=True)
def acted(monkeypatch):
    monkeypatch.setattr(PROCESS, "BOOT", acting.BOOT)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def run(trials, workers=1, **acts):
    jobs = [Job({"acts": list(told)}, None, name, name[0], (1, 1, 1)) for name, told in acts.items()]
    seen = []
    with Crew(workers, threads=1) as crew:
        outcome = local(jobs, place=Place(trials, trials, trials), crew=crew, watch=seen.append)
    return outcome, [(event["kind"], event["id"]) for event in seen if event["kind"] != "step"]


def writers(trials, name):
    return (trials / name / "epochs.txt").read_text().split()


@pytest.mark.slow
def test_a_worker_has_its_share_of_cores_and_one_gpu(monkeypatch):
    monkeypatch.setattr(runtime, "cores", lambda: 5)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,7")
    with Crew(2) as crew:
        for slot, gpu in ((0, "3"), (1, "7")):
            process = crew.start(slot)
            process.send({"do": "ask"})
            events = []
            while {"kind": "idle"} not in events:
                events += process.read()
            assert events[0]["threads"] == "2" and events[0]["pid"] == process.pid != os.getpid()
            assert events[2]["gpu"] == gpu


def test_a_worn_worker_becomes_a_fresh_one_of_the_same_pid(monkeypatch):
    with Crew(1, threads=1) as crew:
        process = crew.start(0)
        for order, before in (({}, 1), ({}, 2), ({"alone": True}, 1), ({}, 2), ({"alone": True}, 1)):
            process.send({"do": "ask", **order})
            events = []
            while {"kind": "idle"} not in events:
                events += process.read()
            assert (events[0]["pid"], events[1]["before"]) == (process.pid, before)
        assert process.ready and not process.ended


def test_a_worker_has_as_many_gpus_as_it_is_told(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,7,GPU-a,1")
    with Crew(2, threads=1, devices=2) as crew:
        for slot, gpus in ((1, "GPU-a,1"), (0, "3,7")):
            process = crew.start(slot)
            process.send({"do": "ask"})
            events = []
            while {"kind": "idle"} not in events:
                events += process.read()
            assert events[2]["gpu"] == gpus


@pytest.mark.parametrize(
    ("gpus", "told", "workers", "devices"),
    [("0,1,2,3", "2", 2, 2), ("0,1,2,3", "all", 2, 2), ("0,1,2", "all", 2, 1), ("0,1,2", "all", 0, 3),
     ("0", "1", 4, 1), ("0", "all", 4, 1), ("", "2", 3, 2), ("", "all", 1, 1)],
)  # fmt: skip
def test_devices_of_each_worker(monkeypatch, gpus, told, workers, devices):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
    assert crew.devices_of(told, workers) == devices


@pytest.mark.parametrize("told", ["0", "-1", "two", "", "1.5", "\u00b2"])
def test_what_is_no_number_of_devices_is_refused(told):
    with pytest.raises(ValueError, match="--devices: a number from 1 or `all` wanted, got "):
        crew.devices_of(told, 1)


def test_more_gpus_than_there_are_are_refused(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    with pytest.raises(ValueError, match=r"--devices 2: 2 trainings at a time want 4 GPUs, and 3 are here; take fewer"):
        crew.devices_of("2", 2)


def test_a_question_is_answered_by_the_same_worker(monkeypatch):
    with Crew(1, threads=1) as crew:
        assert crew.ask({"do": "ask"}) == {"kind": "answer", "gpu": ""}
        first = crew.processes[0].pid
        crew.ask({"do": "ask"})
        assert crew.processes[0].pid == first
        with pytest.raises(ValueError, match=r"^too few images$"):
            crew.ask({"do": "refuse", "why": "too few images"})
        with pytest.raises(Died, match="KeyError: 'do'"):
            crew.ask({})
    assert crew.processes == {}


@pytest.mark.parametrize(
    ("visible", "found"), [("", []), ("-1", []), ("0", ["0"]), ("GPU-a, GPU-b", ["GPU-a", "GPU-b"])]
)
def test_gpus_are_those_that_this_process_may_use(monkeypatch, visible, found):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert crew.gpus() == found


def test_no_gpu_where_nothing_lists_any(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(MODULE.shutil, "which", lambda name: None)
    assert crew.gpus() == []


@pytest.mark.parametrize(("workers", "threads"), [(-1, 0), (1, -1)])
def test_negative_numbers_are_refused(workers, threads):
    with pytest.raises(ValueError, match="at least 0 wanted, got -1"):
        Crew(workers, threads=threads)


def test_a_worker_that_is_killed_is_replaced_and_its_trial_goes_on(tmp_path):
    outcome, seen = run(tmp_path, a1=["epoch", "die", "epoch"], a2=["epoch", "print"])
    assert seen == [("retry", "a1"), ("done", "a1"), ("done", "a2")] and outcome.failed == {}
    first, again, last = writers(tmp_path, "a1")
    assert first != again == last == writers(tmp_path, "a2")[0]
    assert records.present(tmp_path) == {"a1", "a2"}


@pytest.mark.slow
def test_memory_that_runs_out_twice_is_recorded_with_its_traceback(tmp_path):
    outcome, seen = run(tmp_path, a1=["memory"], a2=["epoch"])
    assert seen == [("retry", "a1"), ("failed", "a1"), ("done", "a2")]
    assert outcome.failed == {"a1": "MemoryError"}
    told = records.read_json(records.failure(tmp_path, "a1"))
    assert "Traceback" in told["traceback"] and "in perform" in told["traceback"]


def test_a_full_disk_is_told_by_its_file(tmp_path):
    with pytest.raises(OSError, match="No space left on device") as raised:
        run(tmp_path, a1=["epoch", "full"], a2=["epoch"])
    assert raised.value.errno == errno.ENOSPC and raised.value.filename.endswith("backup.npz")
    assert run(tmp_path, a1=["epoch", "full"], a2=["epoch"])[1] == [("done", "a1"), ("done", "a2")]


@pytest.mark.slow
def test_two_runners_at_once_train_everything_once(tmp_path):
    """Two runners in threads of this process, each with two workers of its own."""
    from concurrent.futures import ThreadPoolExecutor

    acts = {f"{program}{number}": ["epoch"] for program in "ab" for number in range(8)}
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(run, tmp_path, 2, **acts) for _ in range(2)]
        [one.result() for one in both]
    assert records.present(tmp_path) == set(acts)
    assert all(len(writers(tmp_path, name)) == 1 for name in acts)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_runner(tmp_path, how):
    """However it ends; the trial is free at once, and goes on from what was saved."""
    with subprocess.Popen([sys.executable, "-c", RUNNER, tmp_path], cwd=Path(__file__).parents[2]) as runner:
        until(lambda: list(tmp_path.glob(".*.part/epochs.txt")))
        [saved] = tmp_path.glob(".*.part/epochs.txt")
        until(saved.read_text)
        worker = int(saved.read_text())
        runner.send_signal(how)
        start = time.monotonic()
    until(lambda: not alive(worker))
    assert time.monotonic() - start < 10
    assert run(tmp_path, a1=["epoch"])[1] == [("done", "a1")]
    assert writers(tmp_path, "a1")[0] == str(worker) and len(writers(tmp_path, "a1")) == 2


def test_a_worker_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(MODULE, "GRACE", 0.2)
    monkeypatch.setattr(PROCESS, "BOOT", "import signal, sys, time; signal.signal(15, signal.SIG_IGN); "
                                        "print('{\"kind\": \"ready\"}', flush=True); time.sleep(600)")  # fmt: skip
    with Crew(1, threads=1) as crew:
        process = crew.start(0)
        process.read()
        pid = process.pid
    assert not alive(pid)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
