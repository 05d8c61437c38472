"""What the rows of a study cost, and which of them are worth it: nobody scores as well for less.

Source: the Pareto front, as Tan and Le, 2019 (arXiv:1905.11946), draw accuracy against parameters and operations.
"""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from ultraseg import records
from ultraseg.report._summary import NAN, Row, Summary
from ultraseg.report._words import labels, listed

TITLES = {"parameters": "parameters", "multiply_adds": "multiply-adds", "seconds": "seconds a trial"}
"""What a score is held against; seconds are the machine's."""
ALIKE = 1.1
"""Rows whose seconds differ by no more than this factor cost the same time."""


def cost(row: Row, name: str) -> float:
    """Mean of a cost over a row's trials; NaN where none is done or it is not known, as multiply-adds off TensorFlow.

    Args:
        row: of the table.
        name: `parameters` (trainable ones), or a number of `result.json`.
    """
    found = [_of(trial.result, name) for trial in row.done]
    return fmean(found) if found and None not in found else NAN


def fronts(summary: Summary) -> dict[str, list[bool]]:
    """Tell for each cost in which rows differ which rows lie on the Pareto front of the primary score.

    Returns:
        By the names of TITLES; empty where nothing differs or fewer than two rows are left. A row without a score
        or a cost is on no front, nor is one that `left_out` names.
    """
    out = [row for rows in left_out(summary).values() for row in rows]
    scores = [NAN if row in out else row.scores[summary.outline.primary].mean for row in summary.rows]
    signed = [-score if records.falls(summary.outline.primary) else score for score in scores]
    found = {name: [cost(row, name) for row in summary.rows] for name in TITLES}
    return {name: front(costs, signed) for name, costs in found.items() if _differ(name, costs, signed)}


def left_out(summary: Summary) -> dict[str, list[Row]]:
    """The rows whose scores are not held against others', by the reason."""
    mixed = len({row.on_training for row in summary.rows if row.done}) > 1
    return {
        "every trial of theirs collapsed or diverged": [row for row in summary.rows if row.failed],
        "they are tested on what they were trained on": [row for row in summary.rows if mixed and row.on_training],
        "their test images or folds are others than the baseline's": [] if mixed else summary.elsewhere,
    }


def front(costs: Sequence[float], scores: Sequence[float]) -> list[bool]:
    """Tell which points no other dominates.

    Args:
        costs: of each point; less is better.
        scores: of each point; more is better.

    Returns:
        Whether no other point costs no more and scores no less, one of them strictly. Never for NaN.
    """
    points = list(zip(costs, scores, strict=True))
    return [
        cost == cost
        and score == score
        and not any(c <= cost and s >= score and (c < cost or s > score) for c, s in points)
        for cost, score in points
    ]


def sentences(summary: Summary) -> Iterator[str]:
    """Name the rows on each front, and say what the measured costs are."""
    named = [
        f"by {TITLES[name]} {labels(row for row, on in zip(summary.rows, held, strict=True) if on)}"
        for name, held in fronts(summary).items()
    ]
    if named:
        out = {why: rows for why, rows in left_out(summary).items() if rows}
        without = "".join(f"; left out, since {why}: {labels(rows)}" for why, rows in out.items())
        yield (
            f"Rows that no other matches in mean {summary.outline.primary} at less cost (the Pareto front, which no "
            f"test stands behind): {'; '.join(named)}{without}."
        )
    if summary.done:
        yield (
            "Multiply-adds are those of a forward pass over one image; seconds an epoch and images a second are of "
            "training steps alone, without validation and compiling; peak memory is the most that a trial's process "
            "held, with the interpreter and up to half a GiB of earlier trials. All but parameters and multiply-adds "
            "depend on the machine."
        )


def budgets(trials: Sequence[dict[str, Any]], words: Sequence[str]) -> Iterator[str]:
    """Say it where the clock ended trainings, for then how far they came is the machine's doing."""
    if any("minutes" in trial.get("budget", {}) for trial in trials):
        yield (
            f"Trained for {listed(sorted(set(words)))}: how many steps that is depends on the machine and on what else "
            "ran on it, so that another run ends in other numbers."
        )


def _of(result: dict[str, Any], name: str) -> float | None:
    return result["parameters"]["trainable"] if name == "parameters" else result[name]


def _differ(name: str, costs: Sequence[float], scores: Sequence[float]) -> bool:
    known = [cost for cost, score in zip(costs, scores, strict=True) if np.isfinite(cost) and np.isfinite(score)]
    return len(known) > 1 and max(known) > min(known) * (ALIKE if name == "seconds" else 1)
