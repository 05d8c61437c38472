"""What a profile leaves out of the full study: values of axes, seeds, folds, and settings that differ."""

from collections.abc import Iterator
from typing import Any

from ultraseg.schema import EPOCHS
from ultraseg.study import REPLICATES, Study

FULL = "full"
"""The profile that is the whole study where a file has one; else the file as it stands is."""


def omissions(study: Study, full: Study) -> list[str]:
    """Compare a study at a profile with the whole one.

    Args:
        study: as it would run.
        full: the same file at its profile `full`, or as it stands.

    Returns:
        A line per axis with values left out, and per setting that differs; empty when nothing is left out.
    """
    lines = []
    for axis in full.axes:
        there = {cell.at.get(axis) for cell in study.cells}
        if missing := [label for label in dict.fromkeys(cell.at[axis] for cell in full.cells) if label not in there]:
            lines.append(f"{axis}: without {', '.join(missing)}")
    for key in REPLICATES:
        wanted, have = (sorted({trial[key] for trial in each.trials}) for each in (full, study))
        if missing := [value for value in wanted if value not in have]:
            lines.append(f"{key}: without {', '.join(map(str, missing))}")
    if len(study.trials) != len(full.trials):
        lines.append(f"trials: {len(study.trials)} instead of {len(full.trials)}")
    before, after = (dict(_flat(_shared(each))) for each in (full, study))
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            lines.append(f"{key}: {_told(after, key)} instead of {_told(before, key)}")
    return lines


def _shared(study: Study) -> dict[str, Any]:
    """What the file sets for all trials; keys that an axis sets are told by the axis."""
    tree = {"data": study.file.data.model_dump(by_alias=True), **study.file.fixed.model_dump()}
    if not tree["budget"]:
        tree["epochs"] = tree["epochs"] or EPOCHS
    return {key: value for key, value in tree.items() if key not in study.axes}


def _flat(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a tree of mappings by its dotted place."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _flat(value, f"{place}.{key}" if place else str(key))
    else:
        yield place, list(tree) if isinstance(tree, tuple) else tree


def _told(found: dict[str, Any], key: str) -> str:
    return str(found[key]) if key in found and found[key] is not None else "nothing"
