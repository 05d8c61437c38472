"""Everything that a study's folders can tell: tables, statistics, training curves and overlay panels, at any time."""

from dataclasses import dataclass
from pathlib import Path

from ultraseg.report import _conventions, _diagrams, _findings, _outline, _sections, _summary, _table
from ultraseg.report._beneath import beneath, foremost
from ultraseg.report._curves import curves
from ultraseg.report._panels import panels
from ultraseg.report._pareto import pareto
from ultraseg.report._pixels import pixels


@dataclass(frozen=True)
class Report:
    """What was written, and the same table in short for a terminal, with the foremost sentences beneath it."""

    heading: str
    headers: list[str]
    rows: list[list[str]]
    beneath: list[str]
    files: dict[str, Path]


def report(folder: Path, *, trials: Path) -> Report:
    """Write a study's tables and figures from folders alone.

    Args:
        folder: the study's own folder with its `study.json`; an unfinished study is reported as far as it is.
        trials: the folder in which trial folders lie.

    Returns:
        The files by name, and the table for a terminal. `table.md` holds the table, what limits it, and the sections of
        which there is something to tell, each with its numbers in full in a CSV. `curves.png` is missing while no trial
        is done; `panels.png` until a trial has scores and the pixels that `wanted` names were left; `effects.png`
        unless two axes are crossed; `ranks.png` unless three rows were ranked; `pixels.png` until a trial has scores;
        `pareto.png` unless rows that learnt something differ in what they cost.

    Raises:
        ValueError: `study.json` or a trial is missing parts or damaged.
        OSError: the folder cannot be written.
    """
    summary = _summary.summarise(_outline.load(folder), trials)
    findings = _findings.find(summary)
    told = beneath(summary, findings)
    recomputed = _conventions.recompute(summary)
    files = _table.write(summary, told, folder, _sections.sections(summary, findings, recomputed))
    if summary.done:
        files["curves.png"] = curves(summary, folder / "curves.png")
    drawn = {
        "panels.png": panels(summary, folder),
        "effects.png": _diagrams.effects(summary, findings, folder / "effects.png"),
        "ranks.png": _diagrams.ranks(summary, findings, folder / "ranks.png"),
        "pixels.png": pixels(summary, folder / "pixels.png"),
        "pareto.png": pareto(summary, folder / "pareto.png"),
    }
    files |= {name: path for name, path in drawn.items() if path}
    for stale in {*drawn, *(f"{name}.csv" for name in _sections.NAMES)} - set(files):  # of an earlier report
        (folder / stale).unlink(missing_ok=True)
    rows = _table.short(summary, findings)
    headers = [header for header, _ in rows[0]]
    return Report(summary.heading, headers, [[text for _, text in row] for row in rows], foremost(told), files)


def conventions(folder: Path, *, trials: Path) -> list[Report]:
    """Recompute from stored rows what the same predictions score under each report's convention.

    Args:
        folder: as in `report`.
        trials: as in `report`.

    Returns:
        A table per measure, for a terminal; the last has the sentences and the files, `conventions.md` and a CSV per
        measure.

    Raises:
        ValueError: as `report`.
        OSError: the folder cannot be written.
    """
    summary = _summary.summarise(_outline.load(folder), trials)
    recomputed = _conventions.recompute(summary)
    explained = [f"{each.name}: {each.words}." for each in _conventions.CONVENTIONS]
    made = _sections.conventions(summary, recomputed, [*_conventions.sentences(recomputed), *explained])
    files = _table.write_sections(f"Conventions: {summary.heading}", made, folder / "conventions.md")
    return [
        Report(
            each.title,
            list(each.words.columns),
            each.words.astype(str).to_numpy().tolist(),
            list(each.beneath),
            files if each is made[-1] else {},
        )
        for each in made
    ]
