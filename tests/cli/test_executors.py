"""Ray and Slurm: the numbers of a local run, also when a node or a job ends in mid-study."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.drawn_study import STRICT, begun, same, start, until
from ultraseg import records

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
