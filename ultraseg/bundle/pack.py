"""A finished study packed into one file: all that is needed to check its numbers and to repeat it, and no pixels.

Departure: models and predictions stay out; `ultraseg export` ships the first, and a repeated study makes both anew.
"""

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import ultraseg
from ultraseg import atomic, certificates, records, runtime, samples
from ultraseg.bundle._contents import FACTS, FORMAT, MEASURED, PICTURES, STUDY, SUMS, TRIAL, files, sums
from ultraseg.parts import parts
from ultraseg.report import report
from ultraseg.runner import Job
from ultraseg.study import RESULTS, Study, canonical

DATE = (1980, 1, 1, 0, 0, 0)
"""Of every entry, so that the same study gives the same bytes."""
LEVEL = 9
DIVIDED = ("from", "split", "validation", "training", "exclude")
"""What a certificate depends on, of a trial's data."""


def pack(study: Study, jobs: Sequence[Job], *, file: Path, runs: Path, output: Path) -> Path:
    """Write a study's bundle.

    Args:
        study: at the profile that was run.
        jobs: its trials, from `runner.plan`.
        file: its YAML.
        runs: where trials and studies were written; the study's tables and figures are written there anew.
        output: a `.zip`, made or replaced.

    Returns:
        The bundle; the same study gives the same bytes.

    Raises:
        ValueError: trials are missing, the study has changed since it was run, or `output` is no `.zip`.
        OSError: a file cannot be read or written.
    """
    if output.suffix != ".zip":
        raise ValueError(f"{output}: a bundle is a zip archive; give it a name that ends in .zip")
    folder, trials = runs / f"{study.name}-{study.profile or 'none'}", runs / "trials"
    _refuse_unfinished(study, jobs, folder, trials)
    distinct = list({job.id: job for job in jobs}.values())
    with tempfile.TemporaryDirectory() as nest:
        inside = Path(nest)
        _copy(file, inside / "studies" / f"{study.name}.yaml")
        for name, path in report(folder, trials=trials).files.items():
            if name not in PICTURES:
                _copy(path, inside / "report" / name)
        _copy(folder / STUDY, inside / STUDY)
        for job in distinct:
            for part in (*TRIAL, *MEASURED):
                if (trials / job.id / part).is_file() or part in TRIAL:
                    _copy(trials / job.id / part, inside / "trials" / job.id / part)
        _manifests_and_splits(distinct, inside)
        records.write_json(inside / FACTS, _facts(study, distinct, trials))
        (inside / SUMS).write_text(sums(inside), encoding="utf-8")
        with atomic.file(output) as temporary:
            _zip(inside, temporary)
    return output


def _refuse_unfinished(study: Study, jobs: Sequence[Job], folder: Path, trials: Path) -> None:
    ids = {job.id for job in jobs}
    missing = [name for name in ids if not records.complete(trials, name)]
    if missing or not (folder / STUDY).is_file():
        raise ValueError(
            f"{folder}: {len(missing)} of {len(ids)} trials are not done, and a bundle holds a whole study; give "
            f"`ultraseg run {study.name} --profile {study.profile or 'none'}` first"
        )
    known = [trial["id"] for cell in records.read_json(folder / STUDY)["cells"] for trial in cell["trials"]]
    if known != [job.id for job in jobs]:
        raise ValueError(f"{folder / STUDY}: the study has changed since; run it again, which trains nothing anew")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _manifests_and_splits(jobs: Sequence[Job], inside: Path) -> None:
    """A manifest per data set, a certificate per way in which one is parted, and the split files that were named."""
    alike: dict[str, list[Job]] = {}
    for job in jobs:
        samples.write_manifest(inside / _manifest(job), job.collection.rows)
        alike.setdefault(_split(job), []).append(job)
    for name, same in alike.items():
        data, collection = same[0].trial["data"], same[0].collection
        by_fold = {job.trial["fold"]: job.trial for job in same}
        numbers = sorted(by_fold)
        certificate = certificates.certificate(
            collection.samples,
            [parts(by_fold[number], collection) for number in numbers],
            split=data["split"],
            validation=data["validation"],
            manifest=collection.fingerprint,
        )
        whole = {**certificate, "data": {key: data[key] for key in DIVIDED}, "fold_numbers": numbers}
        certificates.write(inside / name, whole)
        if "file" in data["split"]:
            path = Path(data["split"]["file"]["path"])
            _copy(path, inside / "split_files" / path.name)


def _facts(study: Study, jobs: Sequence[Job], trials: Path) -> dict[str, Any]:
    processes = [one for job in jobs for one in records.read_json(trials / job.id / "env.json")["processes"]]
    return {
        "format": FORMAT,
        "study": study.name,
        "profile": study.profile,
        "ultraseg": ultraseg.__version__,
        "git": runtime.revision(),
        "results": RESULTS,
        **{key: _distinct(process[key] for process in processes) for key in ("determinism", "threads", "backend")},
        "data": _distinct(job.collection.source for job in jobs),
        "trials": {job.id: {"manifest": _manifest(job), "split": _split(job)} for job in jobs},
    }


def _distinct(values: Iterable[Any]) -> list[Any]:
    return sorted(set(values))


def _manifest(job: Job) -> str:
    return f"manifests/{job.collection.fingerprint[:12]}.csv"


def _split(job: Job) -> str:
    divided = canonical([job.collection.fingerprint, {key: job.trial["data"][key] for key in DIVIDED}])
    return f"splits/{hashlib.sha256(divided.encode()).hexdigest()[:12]}.json"


def _zip(folder: Path, output: Path) -> None:
    with zipfile.ZipFile(output, "w") as archive:
        for name, path in files(folder).items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # whatever system writes it
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, LEVEL)
