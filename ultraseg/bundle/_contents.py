"""What a bundle holds, and where in it.

bundle.json         study, profile, versions, threads and determinism; which manifest and split each trial used
studies/NAME.yaml   the study's file
study.json          the study as its report sees it
manifests/          a manifest per data set: ids, hashes, labels, groups; no pixels
splits/             a certificate per split, which `splits.file` reads
split_files/        split files that the study names, if it does
trials/ID/          the resolved trial, what it ran on, its history, its rows per image, its totals
report/             tables and figures; not the panels, which show images
SHA256SUMS          of every other file, as `sha256sum --check` reads it
"""

import hashlib
from pathlib import Path

FORMAT = 1
FACTS, SUMS, STUDY = "bundle.json", "SHA256SUMS", "study.json"
TRIAL = ("trial.json", "env.json", "result.json")
MEASURED = ("history.csv", "images.csv", "validation.csv", "training.csv", "curves.npz")
"""Files of a trial; one that diverged has not all of those that are measured."""
PICTURES = ("panels.png",)
"""Figures that show images of the data."""


def files(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its name there, sorted."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return dict(sorted(found.items()))


def sums(folder: Path) -> str:
    """The text of SHA256SUMS: a line for every other file."""
    return "".join(f"{_sha256(path)}  {name}\n" for name, path in files(folder).items() if name != SUMS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
