"""Run the missing trials of a study here, in this process, those that share a program one after another."""

import fcntl
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from ultraseg import pipeline, program, records, trial
from ultraseg.collection import Collection, Watch, collect, unwatched
from ultraseg.study import Study, canonical, identity


@dataclass(frozen=True)
class Job:
    """One trial with the data that it needs and the name of its folder."""

    trial: dict[str, Any]
    collection: Collection
    id: str


@dataclass(frozen=True)
class Cost:
    """What the jobs that share one program are expected to take."""

    jobs: tuple[Job, ...]
    seconds_per_step: float
    seconds: float


def plan(study: Study, *, root: Path, cache: Path, watch: Watch = unwatched) -> list[Job]:
    """Read the data of a study and name its trials, in the study's order.

    Args:
        study: whose trials to name.
        root: the folder that holds its data.
        cache: where manifests are kept.
        watch: shows progress, as `collect` has it.

    Returns:
        A job for each trial.

    Raises:
        ValueError: the data are not what the study asks for, or cannot be split so.
    """
    collections: dict[str, Collection] = {}
    jobs = []
    for resolved in study.trials:
        spec = resolved["data"]["from"]
        key = canonical(spec)
        if key not in collections:
            collections[key] = collect(spec, root=root, cache=cache, watch=watch)
        trial.parts(resolved, collections[key])
        jobs.append(Job(resolved, collections[key], identity(resolved, collections[key].fingerprint)))
    return jobs


def faults(jobs: list[Job]) -> list[str]:
    """Try everything that the jobs name once, so that nothing starts which cannot end.

    Returns:
        One sentence per option out of its range or size that does not fit, each once; empty when all can run.
    """
    found: dict[str, None] = {}
    for key, attempt in ((_steps, trial.validate), (lambda job: program.key(job.trial), trial.build)):
        for job in {key(job): job for job in jobs}.values():
            try:
                attempt(job.trial)
            except ValueError as error:
                found[str(error)] = None
        keras.backend.clear_session()
    return list(found)


def probe(jobs: list[Job], *, cache: Path) -> list[Cost]:
    """Time two training steps of every program, and estimate what all its trials will take.

    Returns:
        One cost per program, in the order in which they would run; evaluation is not counted.
    """
    costs = []
    for _, shared in _by_program(jobs):
        first, compiled = shared[0], program.Program(shared[0].trial)
        pixels = pipeline.cached(first.collection, first.trial["data"], first.trial["preprocess"], cache)
        batches = pipeline.training(
            pixels,
            trial.parts(first.trial, first.collection).train,
            classes=first.trial["classes"],
            batch=first.trial["batch"],
            augment=first.trial["augment"],
            seed=0,
            epoch=0,
        )
        images, truth = next(iter(batches))
        step = compiled.seconds_per_step(images, truth)
        steps = sum(
            -(-len(trial.parts(j.trial, j.collection).train) // j.trial["batch"]) * j.trial["epochs"] for j in shared
        )
        costs.append(Cost(tuple(shared), step, step * steps))
        keras.backend.clear_session()
    return costs


def local(
    jobs: list[Job],
    *,
    trials: Path,
    cache: Path,
    determinism: str = "seeded",
    watch: Callable[[dict[str, Any]], None] = lambda event: None,
) -> None:
    """Run the jobs whose folders do not exist yet.

    Args:
        jobs: from `plan`; a trial that stands there twice runs once.
        trials: where trial folders lie.
        cache: where decoded pixels lie.
        determinism: a level of `runtime.settle`.
        watch: called with `{"kind": "start" | "step" | "epoch" | "done" | "elsewhere", "id": ..., ...}`.

    Raises:
        ValueError: a file of the data is broken.
        OSError: a folder cannot be written, as on a full disk; what was done until then stays and is not
            done again.
    """
    missing = list({job.id: job for job in jobs if not records.complete(trials, job.id)}.values())
    for _, shared in _by_program(missing):
        compiled = None
        for job in shared:
            with _alone(trials, job.id) as alone:
                if not alone:
                    watch({"kind": "elsewhere", "id": job.id})
                    continue
                if records.complete(trials, job.id):
                    continue
                watch({"kind": "start", "id": job.id, "epochs": job.trial["epochs"]})
                compiled = compiled or program.Program(job.trial)
                pixels = pipeline.cached(job.collection, job.trial["data"], job.trial["preprocess"], cache)
                trial.run(
                    job.trial,
                    job.collection,
                    pixels,
                    compiled,
                    trials=trials,
                    determinism=determinism,
                    watch=lambda event, job=job: watch({**event, "id": job.id}),
                )
                watch({"kind": "done", "id": job.id})
        keras.backend.clear_session()


def _steps(job: Job) -> str:
    return canonical([job.trial[key] for key in ("data", "preprocess", "augment", "schedule", "optimizer")])


def _by_program(jobs: list[Job]) -> Iterator[tuple[str, list[Job]]]:
    keyed = sorted(jobs, key=lambda job: program.key(job.trial))
    for key, group in itertools.groupby(keyed, key=lambda job: program.key(job.trial)):
        yield key, list(group)


@contextmanager
def _alone(trials: Path, name: str) -> Iterator[bool]:
    """Hold a trial's lock, which ends with the process however it ends; False if another process has it."""
    trials.mkdir(parents=True, exist_ok=True)
    with (trials / f".{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
