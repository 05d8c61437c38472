"""How the report writes numbers, outcomes and lists."""

import math
from collections.abc import Iterable, Sequence

from ultraseg.report._summary import Row, Score

NOTHING = "–"
LOSS = "loss value"
"""The header of a loss, which is not that of an axis `loss`."""
SHARES = (
    "accuracy", "precision", "recall", "specificity", "dice", "iou", "nsd", "auc", "average_precision", "brier",
    "expected_calibration_error", "detected",
)  # fmt: skip
"""Measures that lie in [0, 1], so that none of their differences is larger than 1."""


def number(value: float, places: int = 4) -> str:
    """Write a number to so many decimal places, one of 100 and above to one; a dash for NaN."""
    if math.isnan(value):
        return NOTHING
    return f"{value:,.{places if abs(value) < 100 else min(places, 1)}f}"


def beyond(difference: float, measure: str) -> bool:
    """Whether a difference is larger than any that a measure can have."""
    return measure in SHARES and difference > 1


def spread(score: Score, *, places: int = 4) -> str:
    """Write `mean ± sd`, or say that one trial has no spread."""
    if score.trials == 0:
        return NOTHING
    if score.trials == 1:
        return f"{number(score.mean, places)} (one trial)"
    return f"{number(score.mean, places)} ± {number(score.sd, places)}"


def trials(row: Row) -> str:
    """Write `2 of 3, 1 collapsed`."""
    words = [f"{len(row.done)} of {len(row.trials)}"]
    words += [f"{row.count(outcome)} {outcome}" for outcome in ("collapsed", "diverged") if row.count(outcome)]
    return ", ".join(words)


def between(values: Iterable[float], places: int = 0) -> str:
    """Write one number if all are equal as printed, otherwise the smallest and the largest."""
    ordered = sorted(values)
    if not ordered:
        return NOTHING
    low, high = (f"{value:,.{places}f}" for value in (ordered[0], ordered[-1]))
    return low if low == high else f"{low} to {high}"


def duration(seconds: float) -> str:
    """Write seconds as a person would say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def labels(rows: Iterable[Row]) -> str:
    """Name rows, in quotes since a label may hold commas."""
    return ", ".join(f'"{row.cell.label}"' for row in rows)


def listed(words: Sequence[str]) -> str:
    """Write `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
