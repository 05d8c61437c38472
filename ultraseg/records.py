"""What a trial's folder holds, and the one way to write and read it. Standard library only.

    trial.json      the resolved trial, its id, its manifest's fingerprint
    env.json        what it ran on: each process that trained a part of it, from which epoch
    history.csv     one line per round of training, as a rule an epoch
    images.csv      one line per test image; validation.csv the same for the validation part
    training.csv    one line per training image, counts at the network's size alone
    curves.npz      ROC, precision-recall and reliability curves of all test pixels at once
    result.json     outcome and totals
    predictions/    probability of lesion per test image, 8-bit PNG at the network's size
    model.keras     the model that was kept

A folder under its final name is complete. Beside it, with a dot before the id:

    .ID.N.part          an unfinished training, with `progress.json` once an epoch is done; N counts its owners
    .ID.N.lease         the right to run it, as long as somebody does
    .ID.failed.json     why it was given up
"""

import csv
import json
import os
import re
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
    "images",
    "training_seconds",
    "seconds",
)
"""Of each round of a training, an epoch unless a budget cuts it (`budget`); `seconds` have validation in them."""

MEASURED = (
    "tp", "fp", "fn", "tn", "accuracy", "precision", "recall", "specificity", "dice", "iou", "mcc", "area_error",
    "hausdorff_px", "hausdorff95_px", "assd_px", "nsd_2px", "hausdorff_mm", "hausdorff95_mm", "assd_mm", "nsd_1mm",
    "auc", "average_precision", "brier", "expected_calibration_error",
    "lesions", "components", "detected_10", "detected_50", "false_alarms", "diameter_error_px", "diameter_error_mm",
)  # fmt: skip
"""At each image's own size (that of the masks where a trial's differs from its images'): `measurement.measure`."""
GRID = ("grid_tp", "grid_fp", "grid_fn", "grid_tn", "grid_probability", "grid_overlap")
"""At the network's size and a threshold of 0.5: counts, and sums of probability over all pixels and the lesion's."""
TRAINING = ("id", "group", "label", "source", *GRID)
IMAGES = ("id", "group", "label", "source", "height", "width", *MEASURED, "loss", *GRID)
CURVES = (
    "roc_false_positive_rate", "roc_true_positive_rate", "pr_recall", "pr_precision",
    "reliability_probability", "reliability_lesion", "reliability_pixels",
)  # fmt: skip
TEXT = ("id", "group", "label", "source")


COLUMN = {
    "hausdorff": "hausdorff_px",
    "hausdorff95": "hausdorff95_px",
    "assd": "assd_px",
    "nsd": "nsd_2px",
    "diameter_error": "diameter_error_px",
    "detected": "detected_50",
}
"""The column that holds a measure, where that is not the measure's own name."""

FALLING = ("loss", "brier", "expected_calibration_error", "false_alarms", "hausdorff", "hausdorff95", "assd")
"""Measures of which less is better; of `area_error` and `diameter_error` the best is 0."""
SIGNED = ("area_error", "diameter_error")


def falls(measure: str) -> bool:
    """Whether less of a measure is better."""
    return measure in FALLING


def complete(trials: Path, name: str) -> Path | None:
    """Return the folder of a finished trial, or None."""
    folder = trials / name
    return folder if folder.is_dir() else None


def under_way(trials: Path, name: str) -> Path:
    """Return the folder where an unfinished trial keeps its work, that of its last owner where there are several."""
    found = numbered(trials, name, "part")
    return found[max(found)] if found else trials / f".{name}.part"


def numbered(trials: Path, name: str, kind: str, *, among: Iterable[str] | None = None) -> dict[int, Path]:
    """Find what a trial's owners left.

    Args:
        trials: the folder in which trial folders lie.
        name: the trial's id.
        kind: `part` or `lease`.
        among: names in that folder, where they are known; looked up if not.

    Returns:
        `.ID.N.KIND` by N, `.ID.KIND` as 0.
    """
    form = re.compile(rf"\.{re.escape(name)}(?:\.(\d+))?\.{kind}")
    found = map(form.fullmatch, present(trials) if among is None else among)
    return {int(match[1] or 0): trials / match[0] for match in found if match}


def present(trials: Path) -> set[str]:
    """List what lies among the trials, in one look: finished ones by their id, and all that has a dot before it."""
    try:
        with os.scandir(trials) as entries:
            return {entry.name for entry in entries}
    except FileNotFoundError:
        return set()


def failure(trials: Path, name: str) -> Path:
    """Return the file that says why a trial was given up; there is none unless it failed twice."""
    return trials / f".{name}.failed.json"


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
