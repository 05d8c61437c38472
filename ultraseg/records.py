"""What a trial's folder holds, and the one way to write and read it. Standard library only.

    trial.json      the resolved trial, its id, its manifest's fingerprint
    env.json        what it ran on: each process that trained a part of it, from which epoch
    history.csv     one line per epoch
    images.csv      one line per test image; validation.csv the same for the validation part
    result.json     outcome and totals
    predictions/    probability of lesion per test image, 8-bit PNG at the network's size
    model.keras     the model that was kept

A folder under its final name is complete; `.ID.part` is a training under way.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ultraseg import atomic

OUTCOMES = ("trained", "collapsed", "diverged")
HISTORY = (
    "epoch",
    "loss",
    "val_loss",
    "val_dice",
    "val_iou",
    "val_lesion_pixels",
    "learning_rate",
    "seconds",
)
IMAGES = (
    "id", "group", "label", "height", "width", "tp", "fp", "fn", "tn",
    "accuracy", "dice", "iou", "auc", "loss", "probability_sum", "overlap_sum",
)  # fmt: skip
TEXT = ("id", "group", "label")


def complete(trials: Path, name: str) -> Path | None:
    """Return the folder of a finished trial, or None."""
    folder = trials / name
    return folder if folder.is_dir() else None


def under_way(trials: Path, name: str) -> Path:
    """Return the folder where an unfinished trial keeps its work."""
    return trials / f".{name}.part"


def write_json(path: Path, value: Any) -> None:
    """Write JSON, whole or not at all; NaN is not JSON and is refused."""
    atomic.text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises:
        ValueError: the file is not JSON; the message names it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON ({error}); remove its folder and run the study again") from None


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV, floats to the last bit, None and NaN as nothing."""
    with atomic.file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_written(row[column]) for column in columns] for row in rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read rows as `write_rows` wrote them: numbers as floats, nothing as NaN.

    Raises:
        ValueError: a number is not one, or a line is cut short; the message names the file.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        try:
            columns, *rows = csv.reader(lines)
            return [
                {
                    column: value if column in TEXT else float(value or "nan")
                    for column, value in zip(columns, row, strict=True)
                }
                for row in rows
            ]
        except (ValueError, csv.Error):
            raise ValueError(f"{path}: a damaged table; remove its folder and run the study again") from None


def _written(value: Any) -> Any:
    if value is None or value != value:
        return ""
    return repr(float(value)) if isinstance(value, float) else value
