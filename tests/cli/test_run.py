"""Running and looking on: the same numbers from any number of workers, whatever dies, and a study that goes on."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.commands import COMMAND, refused, ultraseg, within
from tests.drawn import YAML, load
from ultraseg import records
from ultraseg.cli._stopping import Stopped, stoppable
from ultraseg.runner import plan
from ultraseg.runner._lease import claim

CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"
PROFILES = "profiles: {small: {fixed: {epochs: 1}, cross: {loss: [bce]}}}"
RUN = ("run", "drawn.yaml", "--profile", "none")
STRICT = (*RUN, "--threads", 1, "--determinism", "strict")
HERE = (*RUN, "--workers", 0)
PROCESS = sys.modules["ultraseg.runner._process"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drawn.yaml").write_text(YAML.format(more=f"{CROSS}\n{PROFILES}"))
    return tmp_path


def numbers(runs):
    return {path.parent.name: path.read_bytes() for path in sorted((runs / "trials").glob("[!.]*/images.csv"))}


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
    refused(within("status", "data", folder=folder), "neither a study's folder nor one that holds some")
    refused(within("status", "runs", "--watch", folder=folder), "--watch: wants a terminal")


def test_check_says_what_the_profile_leaves_out(folder):
    answer = within("check", "drawn.yaml", "--profile", "small", "--workers", 0, folder=folder)
    assert answer.returncode == 0, answer.stderr
    assert "profile small leaves out or changes, against the file as it stands:" in answer.stdout
    for line in ("* loss: without dice", "* trials: 2 instead of 4", "* epochs: 1 instead of 3"):
        assert line in answer.stdout


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


def start(*words, folder):
    command = [*COMMAND, *map(str, words)]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(true, run, seconds=240):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert run.poll() is None, f"the study ended before: {run.communicate()}"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return found


def begun(trials, finished=0):
    """Unfinished trials with an epoch, once so many others are finished."""
    if len(list(trials.glob("[!.]*"))) < finished:
        return []
    return list(trials.glob(".*.part/backup.npz"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The numbers of the study by one worker."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "drawn.yaml").write_text(YAML.format(more=CROSS))
    answer = ultraseg(*STRICT, folder=folder)
    assert answer.returncode == 0, answer.stderr
    return folder


def same(folder, undisturbed):
    """Every trial's rows and the table are those of the undisturbed run, and nothing else is left."""
    found = numbers(folder / "runs")
    assert found == numbers(undisturbed / "runs") and len(found) == 4
    table = "runs/drawn-none/table.csv"
    assert (folder / table).read_bytes() == (undisturbed / table).read_bytes()
    assert not [path.name for path in (folder / "runs" / "trials").iterdir() if path.name.startswith(".")]


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
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_study_that_is_told_to_stop_does_so_soon_and_goes_on(folder, undisturbed, number):
    with start(*STRICT, "--workers", 2, folder=folder) as run:
        trials = folder / "runs" / "trials"
        until(lambda: begun(trials, finished=1), run)
        run.send_signal(number)
        asked = time.monotonic()
        _, err = run.communicate(timeout=60)
        assert time.monotonic() - asked < 10
    assert run.returncode == 128 + number
    assert err == f"ultraseg: stopped by {number.name}; what is finished stays, give the same command again to go on\n"
    stamps = {path: path.stat().st_mtime_ns for path in trials.glob("[!.]*/images.csv")}
    assert 1 <= len(stamps) < 4
    answer = ultraseg(*STRICT, "--workers", 2, folder=folder)
    assert answer.returncode == 0 and f"{len(stamps)} of 4 done before" in answer.stdout
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    same(folder, undisturbed)


CLUSTER = """
import sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
node = cluster.add_node(num_cpus=1)
print("ready", cluster.address, node.all_processes["raylet"][0].process.pid, flush=True)
if sys.stdin.readline():
    cluster.remove_node(node)
    sys.stdin.readline()
cluster.shutdown()
"""
"""Two nodes of a core each; a line of input takes the second out, the end of it both."""


@pytest.fixture
def two_nodes(monkeypatch):
    """A Ray cluster in a process of its own, since Ray reads its settings once; a line to it takes a node out.

    Yields:
        The process, the cluster's address, and the process that is the parent of all workers on that node.
    """
    own = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    for name, value in own.items():  # a token of its own: none is read from, or left in, the home folder
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-c", CLUSTER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cluster:
        _, address, raylet = next(line for line in cluster.stdout if line.startswith("ready")).split()
        yield cluster, address, int(raylet)
        cluster.stdin.close()


@pytest.mark.slow
def test_a_node_of_ray_that_is_lost_changes_nothing(folder, undisturbed, two_nodes):
    cluster, address, raylet = two_nodes
    with start(*STRICT, "--executor", "ray", "--address", address, folder=folder) as run:
        trials = folder / "runs" / "trials"
        name = until(lambda: trained_below(raylet, trials), run)
        print(file=cluster.stdin, flush=True)
        out, err = run.communicate(timeout=400)
    assert run.returncode == 0, out + err
    assert f"({name}) goes on in another worker from its last epoch: its node of the cluster was lost" in out, out
    first, again = records.read_json(trials / name / "env.json")["processes"]
    assert first["from_epoch"] == 0 < again["from_epoch"]
    assert out.count("/4] ") == 4 and not list((folder / "data" / "cache").glob(".*.shared"))
    same(folder, undisturbed)


def trained_below(raylet, trials):
    """The id of an unfinished trial with an epoch that a worker of this node holds; a worker is its actor's child."""
    for backup in begun(trials):
        name = backup.parent.name.split(".")[1]
        for lease in trials.glob(f".{name}.*.lease"):
            with contextlib.suppress(FileNotFoundError, IndexError):
                actor = parent(json.loads(lease.read_text().splitlines()[1])["process"])
                if parent(actor) == raylet:
                    return name
    return None


def parent(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.slow
def test_slurm_jobs_go_on_after_their_time_limit(folder, undisturbed):
    """submitit's own stand-in for Slurm: the same files and signals, and real processes."""
    words = ("--executor", "slurm", "--slurm", "cluster=local", "--slurm", "timeout_min=30", "--wait")
    with start(*STRICT, *words, folder=folder) as run:
        trials = folder / "runs" / "trials"
        [backup, *_] = until(lambda: begun(trials), run)
        [job] = [pid for pid in Path("/proc").glob("[0-9]*") if told_by(pid, "submitit.core._submit", folder)]
        os.kill(int(job.name), signal.SIGUSR2)
        out, err = run.communicate(timeout=400)
    assert run.returncode == 0, out + err
    assert "submitted 1 jobs: " in out and "drawn, on phantom" in out
    name = backup.parent.name.split(".")[1]
    first, again = records.read_json(trials / name / "env.json")["processes"]
    assert first["from_epoch"] == 0 < again["from_epoch"]
    same(folder, undisturbed)


def told_by(process, *words):
    """Whether a process was started with these words."""
    try:
        line = (process / "cmdline").read_bytes().decode()
    except FileNotFoundError:
        return False
    return all(str(word) in line for word in words)


@pytest.mark.slow
def test_a_full_disk_ends_workers_too_and_the_study_goes_on(folder, undisturbed, files_below):
    with files_below(20_000):
        answer = ultraseg(*STRICT, "--workers", 2, folder=folder)
    refused(answer, "make room and give the same command again")
    assert answer.returncode == 3
    assert not list((folder / "runs" / "trials").glob(".*.failed.json"))
    assert ultraseg(*STRICT, "--workers", 2, folder=folder).returncode == 0
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
