"""One finished trial as the report reads it from its folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ultraseg import records

RESULT = ("outcome", "kept_epoch", "seconds", "parameters", "data", "measured_at", "threshold", "all_background")


@dataclass(frozen=True)
class Trial:
    """A finished trial; `scores` holds a column per score, in the order of `images`, both empty if it has none."""

    folder: Path
    resolved: dict[str, Any]
    result: dict[str, Any]
    processes: list[dict[str, Any]]
    history: list[dict[str, Any]]
    images: tuple[str, ...]
    scores: dict[str, np.ndarray]

    @property
    def outcome(self) -> str:
        return self.result["outcome"]

    @property
    def loss(self) -> str:
        """The loss with its options, which is the unit of the trial's losses."""
        [(name, options)] = self.resolved["loss"].items()
        return f"{name}({', '.join(f'{key}={value}' for key, value in options.items())})" if options else name


def read(trials: Path, name: str, scores: Iterable[str]) -> Trial | None:
    """Read a trial's folder.

    Args:
        trials: the folder in which trial folders lie.
        name: the trial's id.
        scores: the columns of `images.csv` to keep.

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
    rows = [] if result["kept_epoch"] is None else records.read_rows(folder / "images.csv")
    for score in scores:
        if rows and score not in rows[0]:
            raise ValueError(f"{folder / 'images.csv'}: no column {score!r}; remove its folder and run the study again")
    return Trial(
        folder,
        trial["trial"],
        result,
        env["processes"],
        records.read_rows(folder / "history.csv"),
        tuple(row["id"] for row in rows),
        {score: np.array([row[score] for row in rows], float) for score in scores},
    )
