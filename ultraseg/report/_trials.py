"""One finished trial as the report reads it from its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ultraseg import catalogue, records

RESULT = (
    "outcome",
    "kept_epoch",
    "seconds",
    "seconds_per_epoch",
    "images_per_second",
    "peak_memory_mib",
    "multiply_adds",
    "parameters",
    "data",
    "measured_at",
    "threshold",
    "baselines",
    "annotators",
)
PARTS = {"test": "images.csv", "validation": "validation.csv", "training": "training.csv"}


@dataclass(frozen=True)
class Trial:
    """A finished trial; `tables` holds its rows by part (test, validation, training), none of what was not measured."""

    folder: Path
    resolved: dict[str, Any]
    result: dict[str, Any]
    processes: list[dict[str, Any]]
    history: list[dict[str, Any]]
    tables: dict[str, pd.DataFrame]

    def score(self, name: str) -> np.ndarray:
        """A measure of every test image, by the measure's name; empty if the trial has no scores.

        Raises:
            ValueError: the trial is older than the measure; the message names the file.
        """
        if "test" not in self.tables:
            return np.array([])
        if not self.holds(name):
            path = self.folder / PARTS["test"]
            raise ValueError(f"{path}: no column for {name!r}; remove its folder and run the study again")
        return self.tables["test"][records.COLUMN.get(name, name)].to_numpy(float)

    def holds(self, name: str) -> bool:
        """Whether the trial's rows have a measure, which one that was added later is not."""
        return "test" in self.tables and records.COLUMN.get(name, name) in self.tables["test"]

    @property
    def images(self) -> tuple[str, ...]:
        """The test images in the order of their rows; none if the trial has no scores."""
        return tuple(self.tables["test"]["id"]) if "test" in self.tables else ()

    @property
    def outcome(self) -> str:
        return self.result["outcome"]

    @property
    def loss(self) -> str:
        """The loss with the options that are not its defaults, which is the unit of the trial's losses."""
        return _loss(self.resolved["loss"])


def _loss(spec: dict[str, Any]) -> str:
    [(name, options)] = spec.items()
    usual = {key: option.default for key, option in catalogue.options("losses", name).items()}
    own = {key: value for key, value in options.items() if value != usual.get(key)}
    if "parts" in own:
        own["parts"] = f"[{', '.join(map(_loss, own['parts']))}]"
    return f"{name}({', '.join(f'{key}={value}' for key, value in own.items())})" if own else name


def read(trials: Path, name: str) -> Trial | None:
    """Read a trial's folder.

    Args:
        trials: the folder in which trial folders lie.
        name: the trial's id.

    Returns:
        The trial, None if it is not done.

    Raises:
        ValueError: a file is damaged or a column is missing; the message names the file.
    """
    folder = records.complete(trials, name)
    if folder is None:
        return None
    trial, result, env = (records.read_json(folder / f"{part}.json") for part in ("trial", "result", "env"))
    if missing := [key for key in RESULT if key not in result]:
        raise ValueError(f"{folder / 'result.json'}: no {missing[0]!r}; remove its folder and run the study again")
    parts = {} if result["kept_epoch"] is None else PARTS
    return Trial(
        folder,
        trial["trial"],
        result,
        env["processes"],
        records.read_rows(folder / "history.csv"),
        {part: _table(folder / file) for part, file in parts.items() if part == "test" or (folder / file).is_file()},
    )


def _table(path: Path) -> pd.DataFrame:
    table = pd.DataFrame(records.read_rows(path))
    for column in records.TRAINING if path.name == PARTS["training"] else records.IMAGES:
        if column not in table:
            raise ValueError(f"{path}: no column {column!r}; remove its folder and run the study again")
    return table
