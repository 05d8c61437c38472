"""A study of four drawn trials: how it is started, looked at while it runs, and compared with one left alone."""

import subprocess
import time

from tests.cli.commands import COMMAND

CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"
PROFILES = "profiles: {small: {fixed: {epochs: 1}, cross: {loss: [bce]}}}"
RUN = ("run", "drawn.yaml", "--profile", "none")
STRICT = (*RUN, "--threads", 1, "--determinism", "strict")


def numbers(runs):
    return {path.parent.name: path.read_bytes() for path in sorted((runs / "trials").glob("[!.]*/images.csv"))}


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


def same(folder, undisturbed):
    """Every trial's rows and the table are those of the undisturbed run, and nothing else is left."""
    found = numbers(folder / "runs")
    assert found == numbers(undisturbed / "runs") and len(found) == 4
    table = "runs/drawn-none/table.csv"
    assert (folder / table).read_bytes() == (undisturbed / table).read_bytes()
    left = [path.name for path in (folder / "runs" / "trials").iterdir() if path.name.startswith(".")]
    assert not left
