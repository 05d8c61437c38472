"""One finished trial as the report reads it from its folder."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ultraseg import records


@dataclass(frozen=True)
class Trial:
    """A finished trial; `scores` holds a column per score, in the order of `images`, both empty if it has none.

    `found` counts the pixels of all test images that it marked as lesion.
    """

    folder: Path
    resolved: dict[str, Any]
    result: dict[str, Any]
    env: dict[str, Any]
    history: list[dict[str, Any]]
    images: tuple[str, ...]
    scores: dict[str, np.ndarray]
    found: int

    @property
    def outcome(self) -> str:
        """As the trial says; one without a validation part has collapsed if it found nothing on its test images."""
        blind = self.images and not self.result["data"]["validation"] and not self.found
        return "collapsed" if blind and self.result["outcome"] == "trained" else self.result["outcome"]

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
    rows = records.read_rows(folder / "images.csv") if (folder / "images.csv").is_file() else []
    for score in scores:
        if rows and score not in rows[0]:
            raise ValueError(f"{folder / 'images.csv'}: no column {score!r}; remove its folder and run the study again")
    trial, result, env = (records.read_json(folder / f"{part}.json") for part in ("trial", "result", "env"))
    return Trial(
        folder,
        trial["trial"],
        result,
        env,
        records.read_rows(folder / "history.csv"),
        tuple(row["id"] for row in rows),
        {score: np.array([row[score] for row in rows], float) for score in scores},
        int(sum(row["tp"] + row["fp"] for row in rows)),
    )
