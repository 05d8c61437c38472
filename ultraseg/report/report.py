"""Everything that a study's folders can tell: a table, training curves and overlay panels, made at any time."""

from dataclasses import dataclass
from pathlib import Path

from ultraseg.report import _outline, _summary, _table
from ultraseg.report._beneath import beneath
from ultraseg.report._curves import curves
from ultraseg.report._panels import panels


@dataclass(frozen=True)
class Report:
    """What was written, and the same table in short for a terminal."""

    heading: str
    headers: list[str]
    rows: list[list[str]]
    beneath: list[str]
    files: dict[str, Path]


def report(folder: Path, *, trials: Path) -> Report:
    """Write `table.md`, `table.csv`, `curves.png` and `panels.png` from folders alone.

    Args:
        folder: the study's own folder with its `study.json`; an unfinished study is reported as far as it is.
        trials: the folder in which trial folders lie.

    Returns:
        The files by name, and the table for a terminal. `curves.png` is missing while no trial is done;
        `panels.png` until a trial has scores and the pixels that `wanted` names were left.

    Raises:
        ValueError: `study.json` or a trial is missing parts or damaged.
        OSError: the folder cannot be written.
    """
    summary = _summary.summarise(_outline.load(folder), trials)
    sentences = beneath(summary)
    files = _table.write(summary, sentences, folder)
    if summary.done:
        files["curves.png"] = curves(summary, folder / "curves.png")
    drawn = panels(summary, folder)
    if drawn:
        files["panels.png"] = drawn
    rows = _table.short(summary)
    headers = [header for header, _ in rows[0]]
    return Report(summary.heading, headers, [[text for _, text in row] for row in rows], sentences, files)
