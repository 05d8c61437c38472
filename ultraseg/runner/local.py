"""Run the trials of a study by a crew of workers that are replaced when they die: processes of this machine, or of
another.

The seam for other executors: a crew starts workers wherever it likes, has `Place.order(job)` done there by a
`Trainer`, and reads events. Everything that makes trials resume, and never run twice, is in the trials' folders.
"""

import datetime
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ultraseg import records
from ultraseg.runner._jobs import Job, Place, Queue
from ultraseg.runner._lease import sweep
from ultraseg.runner._watcher import Watcher

ATTEMPTS = 2
"""How often a trial may fail before it is given up."""
LOSSES = 5
"""How often a trial may lose the machine under it, which is seldom its fault, before it is given up."""
STARTS = 3
"""How many workers in a row may die before they have come up."""
LOOK = 1.0
"""Seconds between two looks at trials that others hold."""

Event = dict[str, Any]


@dataclass
class Outcome:
    """What a run left undone: sentences by id of trials given up, and ids of those that other runners are at."""

    failed: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)


def local(
    jobs: Sequence[Job],
    *,
    place: Place,
    crew: Any,
    watcher: Watcher | None = None,
    watch: Callable[[Event], None] = lambda event: None,
) -> Outcome:
    """Run the jobs that are neither done nor given up.

    Args:
        jobs: from `plan`; a trial that stands there twice runs once.
        place: where data, trials and decoded pixels lie.
        crew: a `Crew` or `RayCrew`. With workers, a trial whose worker dies goes on in another from its last epoch, and
            is given up when that dies too, or when it has lost the machine under it too often; without, what fails is
            raised.
        watcher: watches the leases of other runners.
        watch: called with `{"kind": ..., "id": ...}`: what `trial.run` tells, and `start`, `done`, `elsewhere`,
            `retry` and `failed`.

    Returns:
        What is left undone. Trials that others run are waited for only until it is known whether they live.

    Raises:
        ValueError: without workers, a file of the data is broken.
        OSError: a folder cannot be written, as on a full disk, or workers do not come up; what was done until then
            stays and is not done again.
    """
    present = records.present(place.trials)
    sweep(place.trials, present)
    distinct = {job.id: job for job in jobs if job.id not in present}
    left = [job for job in distinct.values() if records.failure(place.trials, job.id).name not in present]
    run = _Run(place, crew, watcher or Watcher(place.trials), watch, Queue(left))
    return run.supervised() if crew.workers else run.here()


class _Run:
    def __init__(self, place: Place, crew: Any, watcher: Watcher, watch: Callable[[Event], None], queue: Queue):
        self.place, self.crew, self.watcher, self.watch, self.queue = place, crew, watcher, watch, queue
        self.outcome = Outcome()
        self.deferred: dict[str, Job] = {}
        self.silent: dict[str, frozenset[str]] = {}
        self.attempts: dict[str, int] = {}
        self.losses: dict[str, int] = {}
        self.tokens: dict[str, str] = {}
        self.stillborn = 0
        self.looked = -LOOK

    def here(self) -> Outcome:
        """Do everything in this process."""
        program = None
        while len(self.queue) or self._others():
            if not len(self.queue):
                time.sleep(LOOK)
                continue
            job = self.queue.take(program)
            program = job.program
            self.crew.here(self._order(job), lambda event, job=job: self._hear(event, job))
        return self.outcome

    def supervised(self) -> Outcome:
        """Keep the crew's workers busy until nothing is left."""
        while True:
            self._assign()
            busy = any(process.job for process in self.crew.processes.values())
            if not (busy or len(self.queue) or self._others()):
                return self.outcome
            for slot in self.crew.wait(LOOK):
                process = self.crew.processes[slot]
                for event in process.read():
                    if event["kind"] == "idle":
                        process.job = None
                    else:
                        self._hear(event, process.job)
                if process.ready:
                    self.stillborn = 0
                if process.ended:
                    self._mourn(slot)

    def _assign(self) -> None:
        for slot in range(self.crew.workers):
            process = self.crew.processes.get(slot)
            if not len(self.queue):
                return
            if process is None:
                process = self.crew.start(slot)
            if process.up and process.job is None:
                others = {other.program for other in self.crew.processes.values() if other.job}
                process.job = self.queue.take(process.program, others)
                process.program = process.job.program
                process.send(self._order(process.job))

    def _order(self, job: Job) -> dict[str, Any]:
        return self.place.order(job, do="run", silent=self.silent.pop(job.id, ()))

    def _hear(self, event: Event, job: Job) -> None:
        if event["kind"] == "start":
            self.tokens[job.id] = event["token"]
        if event["kind"] != "elsewhere":
            self.watch(event)
        elif records.complete(self.place.trials, job.id):  # another runner was faster
            self.watch({"kind": "done", "id": job.id})
        else:
            self.deferred[job.id] = job
            self.watcher.look(job.id)

    def _others(self) -> bool:
        """Look at the trials that other runners hold; whether some of them may still become ours."""
        if time.monotonic() - self.looked < LOOK:
            return bool(self.deferred)
        self.looked = time.monotonic()
        for name, job in [*self.deferred.items()]:
            standing = self.watcher.look(name)
            if records.complete(self.place.trials, name):
                self.watch({"kind": "done", "id": name})
            elif not standing.held:
                self.silent[name] = standing.silent
                self.queue.put_back(job)
            elif standing.alive:
                self.outcome.elsewhere.append(name)
                self.watch({"kind": "elsewhere", "id": name})
            else:
                continue
            del self.deferred[name]
        return bool(self.deferred) or len(self.queue) > 0

    def _mourn(self, slot: int) -> None:
        """Let the trial of a worker that died go on in another, or give it up."""
        process = self.crew.processes[slot]
        job, ready = process.job, process.ready
        why = self.crew.bury(slot)
        if why["errno"]:
            raise OSError(why["errno"], os.strerror(why["errno"]), why["file"] or str(self.place.trials))
        if not ready:
            self.stillborn += 1
            if self.stillborn >= STARTS:
                raise ChildProcessError(f"{STARTS} workers in a row did not come up; the last: {why['sentence']}")
            if job:
                self.queue.put_back(job)
            return
        if job is None or records.complete(self.place.trials, job.id):
            return
        counts, most = (self.losses, LOSSES) if why.get("lost") else (self.attempts, ATTEMPTS)
        counts[job.id] = counts.get(job.id, 0) + 1
        if job.id in self.tokens:  # a machine that was cut off may still train it: that lease is not to be waited for
            self.silent[job.id] = frozenset({self.tokens.pop(job.id)})
        if counts[job.id] < most:
            self.watch({"kind": "retry", "id": job.id, "sentence": why["sentence"]})
            self.queue.put_back(job)
            return
        self._give_up(job, why)

    def _give_up(self, job: Job, why: Event) -> None:
        records.write_json(
            records.failure(self.place.trials, job.id),
            {
                "id": job.id,
                "sentence": why["sentence"],
                "attempts": self.attempts.get(job.id, 0) + self.losses.get(job.id, 0),
                "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "traceback": why["traceback"],
            },
        )
        self.outcome.failed[job.id] = why["sentence"]
        self.watch({"kind": "failed", "id": job.id, "sentence": why["sentence"]})
