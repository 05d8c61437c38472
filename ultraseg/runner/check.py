"""Check a study before it runs: whether everything in it can run and be written, what it takes, what is done."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultraseg import averages, records
from ultraseg.runner._jobs import Job, Place
from ultraseg.sharing import indivisible
from ultraseg.study import canonical

ROWS = 2_000
"""Bytes of text that a trial writes per image, at most."""
MODEL = 200_000
"""Bytes of a model file besides its weights, and of a trial's small files."""
STEPS = ("data", "preprocess", "augment", "schedule", "optimizer")
"""What decides whether a trial's steps and rates can be made."""

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Cost:
    """What the jobs that share one program are expected to take.

    All but `seconds_per_step` are seconds in all, one job after another: of training steps, of the network's answers on
    validation and test images, and of compiling, once; measures, files and the worker's start come besides.
    `peak_memory_mib` is that of a process which has trained a few steps of it and done nothing else; `momentum` that of
    its slowest batch norm, None without any.
    """

    jobs: tuple[Job, ...]
    seconds_per_step: float
    training: float
    answering: float
    compiling: float
    peak_memory_mib: float
    momentum: float | None

    @property
    def unsettled(self) -> float:
        """What the shortest of the jobs leaves of the first values of batch norms' running averages, in [0, 1]."""
        step = self.seconds_per_step
        return max(averages.left(self.momentum, job.seconds(step) / step) for job in self.jobs)

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.training + self.answering + self.compiling


@dataclass(frozen=True)
class Disk:
    """Bytes that a study still writes: what stays of its trials, and what those under way hold besides."""

    stays: int
    passes: int
    free: int


@dataclass(frozen=True)
class Counts:
    """How many trials of a study are done, given up after two failures, and left."""

    done: tuple[Job, ...]
    failed: tuple[Job, ...]
    left: tuple[Job, ...]

    @property
    def all(self) -> int:
        return len(self.done) + len(self.failed) + len(self.left)


def count(jobs: Sequence[Job], *, trials: Path) -> Counts:
    """Look which trials are done; one that stands in a study twice counts once."""
    present = records.present(trials)
    found: tuple[list[Job], ...] = ([], [], [])
    for job in {job.id: job for job in jobs}.values():
        found[0 if job.id in present else 1 if records.failure(trials, job.id).name in present else 2].append(job)
    return Counts(*map(tuple, found))


def faults(jobs: Sequence[Job], *, place: Place, ask: Ask, at_once: int = 1) -> tuple[list[str], Disk]:
    """Try everything that the jobs name once, so that nothing starts which cannot end.

    Args:
        jobs: those that are left.
        place: where they would run.
        ask: has a worker do an order.
        at_once: how many trials would run at a time.

    Returns:
        One sentence per option out of its range, size that does not fit, batch that the devices cannot share, level
        of determinism (or, where that is strict, number of devices) that an unfinished trial was not begun at, and
        disk that is too full, each once; empty when all can run. And the disk needed.
    """
    if not jobs:
        return [], Disk(0, 0, _free(place.trials))
    steps = {canonical([job.trial[key] for key in STEPS]): job.trial for job in jobs}
    programs = {job.program: job.trial for job in jobs}
    unequal = [why for why in dict.fromkeys(indivisible(job.trial, place.devices) for job in jobs) if why]
    if unequal:
        return unequal, Disk(0, 0, _free(place.trials))
    last_first = [programs[key] for key in sorted(programs, reverse=True)]  # the worker keeps what it will run first
    found = ask({"do": "check", "devices": place.devices, "steps": [*steps.values()], "programs": last_first})
    disk = _disk(jobs, found["sizes"], place, at_once)
    told = [*found["faults"], *_begun_otherwise(jobs, place)]
    if not found["faults"] and disk.stays + disk.passes > disk.free:
        wanted, free = (f"{size / 2**20:,.0f} MiB" for size in (disk.stays + disk.passes, disk.free))
        told.append(f"{place.trials}: about {wanted} are needed there and {free} are free; make room")
    return told, disk


def probe(jobs: Sequence[Job], *, place: Place, ask: Callable[[], Ask]) -> list[Cost]:
    """Time a few training steps and answers of every program, and estimate what all its trials will take.

    Args:
        jobs: those that are left.
        place: where they would run.
        ask: gives what has an order done by a worker that has done nothing yet.

    Returns:
        One cost per program, in the order in which they would run.
    """
    shared: dict[str, list[Job]] = {}
    for job in jobs:
        shared.setdefault(job.program, []).append(job)
    costs = []
    for _, together in sorted(shared.items()):
        told = ask()(place.order(together[0], do="probe"))
        step = told["seconds_per_step"]
        training = sum(job.seconds(step) for job in together)
        answering = told["seconds_per_answer"] * sum(job.answers for job in together)
        of_one = (told[key] for key in ("compiling", "peak_memory_mib", "momentum"))
        costs.append(Cost(tuple(together), step, training, answering, *of_one))
    return costs


def _begun_otherwise(jobs: Sequence[Job], place: Place) -> list[str]:
    """Unfinished trials that were begun at another level of determinism, or strictly on other devices."""
    told = []
    for job in jobs:
        work = records.under_way(place.trials, job.id)
        if (work / "env.json").is_file() and (work / "backup.npz").is_file():
            begun = records.read_json(work / "env.json")["processes"][0]
            level, devices = begun["determinism"], begun.get("devices", 1)
            otherwise = f"--determinism {level}" if level != place.determinism else ""
            if level == "strict" == place.determinism and devices != place.devices:
                otherwise = f"--devices {devices}, and strict wants the same bits"
            if otherwise:
                told.append(f"{work}: begun with {otherwise}; go on so, or remove the folder to start anew")
    return told


def _disk(jobs: Sequence[Job], sizes: dict[str, tuple[int, int]], place: Place, at_once: int) -> Disk:
    """Weights, a byte per pixel of every prediction and the rows stay; while it runs, a trial has its backups too."""
    stays, passes = 0, [0]
    for job in jobs:
        weights, state = sizes.get(job.program, (0, 0))
        height, width = job.trial["data"]["mask_size"]
        structures = max(1, len(job.collection.samples[0].structures))
        stays += weights + MODEL + job.images[2] * height * width * structures + ROWS * structures * sum(job.images)
        passes.append(state * (3 if job.trial["keep"] == "best" else 2))  # one is written while the last still stands
    return Disk(stays, sum(sorted(passes)[-max(1, at_once) :]), _free(place.trials))


def _free(folder: Path) -> int:
    """Bytes free where a folder is or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
