"""Plan a study: read its data and name its trials, without TensorFlow, and cut them into shards."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ultraseg.collection import Collection, Watch, collect, unwatched
from ultraseg.parts import parts
from ultraseg.runner._jobs import Job
from ultraseg.sharing import program_key
from ultraseg.study import Study, canonical, identity

SPLIT_BY = ("data", "fold", "classes", "independent", "keep", "threshold")
"""What the parts of a trial's data depend on."""


def plan(study: Study, *, root: Path, cache: Path, watch: Watch = unwatched) -> list[Job]:
    """Read the data of a study, split them and name its trials, in the study's order.

    Args:
        study: at one profile.
        root: the folder that holds its data, or where phantoms are drawn.
        cache: where manifests are kept.
        watch: shows progress, as `collect` has it.

    Returns:
        A job per trial. Each data set is read once, and split once for all trials that split it alike.

    Raises:
        ValueError: the data are not what the study asks for, or cannot be split so.
    """
    collections: dict[str, Collection] = {}
    counted: dict[str, tuple[int, int, int]] = {}
    jobs = []
    for trial in study.trials:
        spec = trial["data"]["from"]
        data = canonical(spec)
        if data not in collections:
            collections[data] = collect(spec, root=root, cache=cache, watch=watch)
        split = canonical([trial[key] for key in SPLIT_BY])
        if split not in counted:
            counted[split] = _count(trial, collections[data])
        name = identity(trial, collections[data].fingerprint)
        jobs.append(Job(trial, collections[data], name, program_key(trial), counted[split]))
    return jobs


def shard(jobs: Sequence[Job], part: str) -> list[Job]:
    """Take one of several equal parts of a study, the same on every machine whatever is done already.

    Args:
        jobs: all of them; one that stands there twice counts once.
        part: `K/N`: the K-th of N, from 1.

    Returns:
        Its jobs, by program and then by id, so that few programs are compiled in two shards.

    Raises:
        ValueError: `part` is not written so, or K is not from 1 to N.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", part)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"--shard: write K/N with K from 1 to N, such as 2/3, got {part!r}")
    number, count = int(found[1]), int(found[2])
    ordered = sorted({job.id: job for job in jobs}.values(), key=lambda job: (job.program, job.id))
    return ordered[(number - 1) * len(ordered) // count : number * len(ordered) // count]


def _count(trial: dict[str, Any], collection: Collection) -> tuple[int, int, int]:
    train, validation, test = parts(trial, collection)
    return len(train), len(validation), len(test)
