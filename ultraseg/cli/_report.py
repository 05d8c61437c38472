"""The command `ultraseg report`, and what other commands write and print of a study."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli._options import RUNS, Name, Profile, Runs
from ultraseg.cli._screen import console


def report(
    name: Name,
    profile: Profile = "demo",
    runs: Runs = RUNS,
    conventions: Annotated[
        bool, typer.Option("--conventions", help="Score the same predictions under each report's convention instead.")
    ] = False,
) -> None:
    """Write a study's tables and figures again from its trials' folders, and print the table."""
    folder = folder_of(name, profile, runs)
    if conventions:
        from ultraseg.report import conventions as recompute

        for written in recompute(folder, trials=runs / "trials"):
            _print(written)
    else:
        show_report(folder, runs)


def folder_of(name: str, profile: str, runs: Path) -> Path:
    """Find the folder of a study that was run, by its name or its file.

    Raises:
        ValueError: it was not; the message has the nearest that was.
    """
    from ultraseg import catalogue, study

    title = study.locate(name)[0] if name.endswith((".yaml", ".yml")) else name.replace("/", "-")
    folder = runs / f"{title}-{profile}"
    known = [path.parent.name for path in runs.glob("*/study.json")]
    if folder.name not in known:
        near = f"{catalogue.unknown(folder.name, known, 'study')}; " if known else ""
        raise ValueError(f"{runs}: {near}run `ultraseg run {name} --profile {profile}` first")
    return folder


def write_outline(study, jobs, runs: Path) -> Path:
    """Write what the report needs to know about a study; before it runs, so that a killed one can be reported."""
    from ultraseg.report import outline

    folder = runs / f"{study.name}-{study.profile or 'none'}"
    sources = " and ".join(sorted({job.collection.source for job in jobs}))
    reads = "" if jobs[0].trial["data"]["from"].keys() == {"phantom"} else " --data FOLDER"
    typed = next((word for word in sys.argv if word.endswith((".yaml", ".yml"))), study.name)
    command = f"ultraseg run {Path(typed).name} --profile {study.profile or 'none'}{reads}"
    outline(study, [job.id for job in jobs], folder=folder, data=sources, command=command)
    return folder


def leave_pictures(folder: Path, jobs, place, crew) -> None:
    """Leave the pixels of the images that the report's panels show."""
    import numpy as np

    from ultraseg.report import leave, wanted

    names = wanted(folder, trials=place.trials)
    for job in jobs:
        rows = enumerate(job.collection.samples)
        at = {name: (index, place) for index, sample in rows for place, name in enumerate(sample.measured_as)}
        if set(names) <= at.keys():
            break
    if not names:
        return
    told = crew.ask(place.order(job, do="cache"))
    images, masks = (np.load(told[part], mmap_mode="r") for part in ("images", "masks"))
    masks = masks[..., None] if masks.ndim == 3 else masks
    leave(folder, names, [images[at[n][0]] for n in names], [masks[at[n][0]][..., at[n][1]] for n in names])


def show_report(folder: Path, runs: Path) -> None:
    """Write a study's tables and figures, and print the table."""
    from ultraseg.report import report as write

    _print(write(folder, trials=runs / "trials"))


def _print(written) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(written.heading))
    for header in map(escape, written.headers):
        table.add_column(header, overflow="fold")
    for row in written.rows:
        table.add_row(*map(escape, row))
    console().print(table)
    for sentence in written.beneath:
        print(f"* {sentence}")
    for path in written.files.values():
        print(path)
