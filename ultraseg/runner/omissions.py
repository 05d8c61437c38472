"""What a profile leaves out of the full study: values of axes, seeds, folds, and settings that differ."""

import math
from collections.abc import Iterator
from typing import Any

import yaml

from ultraseg.schema import EPOCHS
from ultraseg.study import REPLICATES, Study

FULL = "full"
"""The profile that is the whole study where a file has one; else the file as it stands is."""
DEFAULT = object()
"""Stands for an option that is not written down."""


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
            lines.append(f"{axis}: without {', '.join(map(repr, missing))}")
    for key in REPLICATES:
        wanted, have = (sorted({trial[key] for trial in each.trials}) for each in (full, study))
        if missing := [value for value in wanted if value not in have]:
            lines.append(f"{key}: without {', '.join(map(str, missing))}")
    if len(study.trials) != len(full.trials):
        lines.append(f"trials: {len(study.trials)} instead of {len(full.trials)}")
    return [*lines, *_changes(_shared(full), _shared(study))]


def _shared(study: Study) -> dict[str, Any]:
    """What the file sets for all trials; keys that an axis sets are told by the axis."""
    data, fixed = study.file.data, study.file.fixed
    tree = {"data": data.model_dump(by_alias=True, mode="json"), **fixed.model_dump(mode="json")}
    if not tree["budget"]:
        tree["epochs"] = tree["epochs"] or EPOCHS
    return {key: value for key, value in tree.items() if key not in study.axes}


def _changes(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """A line per setting that differs, by its dotted place; things of different names are told whole."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() & after.keys():
        for key in dict.fromkeys([*before, *after]):
            sides = (side.get(key, DEFAULT) for side in (before, after))
            yield from _changes(*sides, f"{place}.{key}" if place else str(key))
    elif before != after:
        yield f"{place}: {_told(after)} instead of {_told(before)}"


def _told(value: Any) -> str:
    """A value as a study's file would say it."""
    if value is None or value is DEFAULT:
        return "nothing" if value is None else "its default"
    return yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=math.inf).strip()[1:-1]
