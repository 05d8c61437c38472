"""A job: one trial with the data that it needs, the name of its folder and of the program that it compiles."""

import json
from collections import deque
from collections.abc import Collection as Known
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ultraseg.budget import LOOKS, budget_of
from ultraseg.collection import Collection


@dataclass(frozen=True)
class Job:
    """One trial of a study; `images` counts those that train, validate and test."""

    trial: dict[str, Any]
    collection: Collection
    id: str
    program: str
    images: tuple[int, int, int]

    @property
    def rounds(self) -> int | None:
        """Epochs, or pieces of them, after which the training looks at its validation part; None where time decides."""
        return budget_of(self.trial).rounds(self.images[0], self.trial["batch"])

    @property
    def answers(self) -> int:
        """Batches that the network is asked for: the validation part after every round, the test part once."""
        _, validation, test = (-(-images // self.trial["batch"]) for images in self.images)
        return (LOOKS if self.rounds is None else self.rounds) * validation + test

    def seconds(self, per_step: float) -> float:
        """What all training steps take where one takes so long."""
        return budget_of(self.trial).seconds(self.images[0], self.trial["batch"], per_step=per_step)


@dataclass(frozen=True)
class Place:
    """Where a study's data lie and where its trials and decoded pixels are written; how far repeated runs must agree.

    `track` names trackers that follow the trainings, besides TensorBoard; `devices` share each batch of a training.
    """

    root: Path
    trials: Path
    cache: Path
    determinism: str = "seeded"
    track: tuple[str, ...] = ()
    devices: int = 1

    def absolute(self) -> "Place":
        """The same where it does not matter from which folder it is looked at."""
        return replace(self, root=self.root.absolute(), trials=self.trials.absolute(), cache=self.cache.absolute())

    def order(self, job: Job, do: str, silent: Sequence[str] = ()) -> dict[str, Any]:
        """Write all that a worker needs to know of a job, as JSON: this, and nothing else, travels to it.

        Args:
            job: from `plan`.
            do: `run`, `probe` or `cache`.
            silent: leases of the job that have not moved for so long that they may be taken over.
        """
        paths = {"root": str(self.root), "trials": str(self.trials), "cache": str(self.cache)}
        how = {"determinism": self.determinism, "track": list(self.track), "devices": self.devices}
        return {"id": job.id, "trial": job.trial, "do": do, "silent": sorted(silent), **how, **paths}


class Queue:
    """Jobs that wait, handed out so that those which share a program follow each other at one worker."""

    def __init__(self, jobs: Iterable[Job]):
        self._waiting: dict[str, deque[Job]] = {}
        for job in jobs:
            self._waiting.setdefault(job.program, deque()).append(job)
        self._waiting = dict(sorted(self._waiting.items()))

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def take(self, program: str | None, others: Known[str] = ()) -> Job:
        """Take the next job: of the worker's own program, or of one that no other worker runs, or of the longest.

        Args:
            program: what the worker has compiled.
            others: what other workers have.

        Raises:
            LookupError: none waits.
        """
        left = [key for key, jobs in self._waiting.items() if jobs]
        if not left:
            raise LookupError("queue: no job waits")
        fresh = [key for key in left if key not in others]
        key = program if program in left else fresh[0] if fresh else max(left, key=lambda k: len(self._waiting[k]))
        return self._waiting[key].popleft()

    def put_back(self, job: Job) -> None:
        """Let a job be the next of its program."""
        self._waiting.setdefault(job.program, deque()).appendleft(job)


def lines(text: bytes) -> Iterator[dict[str, Any]]:
    """Read JSON, one object a line."""
    for line in text.splitlines():
        yield json.loads(line)
