"""What a study's differences are worth: intervals, spreads, tests, and the smallest difference that it can resolve."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ultraseg import records
from ultraseg.report._summary import Row, Summary
from ultraseg.statistics import (
    Comparison,
    Effects,
    Interval,
    Ranks,
    Spread,
    compare,
    effects,
    interval,
    ranks,
    spread,
)

WANTED = ("statsmodels", "scikit_posthocs")
FACTORS = 2
"""Axes from which a study is crossed, so that effects and interactions can be told apart."""


@dataclass(frozen=True)
class Findings:
    """The statistics of a study's primary score; what could not be computed is None, and `notes` says why.

    `scores` is the table that they were computed from, a line per row, seed and image, of the rows that are `used`:
    those whose trials are all done and measured. `intervals` and `spreads` are by a row's label.
    """

    used: tuple[Row, ...]
    scores: pd.DataFrame
    intervals: dict[str, Interval]
    spreads: dict[str, Spread]
    comparison: Comparison | None
    ranks: Ranks | None
    effects: Effects | None
    notes: tuple[str, ...]

    def line(self, label: str) -> pd.Series | None:
        """The comparison of a row with the baseline, None for the baseline and for rows that were not compared."""
        if self.comparison is None:
            return None
        lines = self.comparison.table[self.comparison.table["row"] == label]
        return None if lines.empty else lines.iloc[0]


def find(summary: Summary) -> Findings:
    """Compute the statistics of the primary score over the rows that are complete and share their test images."""
    used, notes = _complete(summary)
    scores = table(used, summary.outline.primary)
    defined = [row for row in used if np.isfinite(scores.loc[scores["row"] == row.cell.label, "score"]).any()]
    if len(defined) < len(used):
        used, scores = defined, table(defined, summary.outline.primary)
        notes.append(f"Rows without a finite {summary.outline.primary} are in no statistic.")
    intervals = {row.cell.label: interval(scores, row.cell.label) for row in used}
    spreads = {row.cell.label: spread(scores, row.cell.label) for row in used}
    missing = [package for package in WANTED if importlib.util.find_spec(package) is None]
    if missing:
        notes.append("No test was made: install what makes them, pip install 'ultraseg[stats]'.")
        return Findings(tuple(used), scores, intervals, spreads, None, None, None, tuple(notes))
    return Findings(
        tuple(used),
        scores,
        intervals,
        spreads,
        _compared(summary, used, scores),
        ranks(scores, higher_is_better=not records.falls(summary.outline.primary)) if len(used) > 2 else None,
        _crossed(summary, used, scores),
        tuple(notes),
    )


def table(rows: list[Row] | tuple[Row, ...], score: str) -> pd.DataFrame:
    """Lay a score of some rows out as the statistics read it: a line per row, seed and test image."""
    parts = [
        pd.DataFrame(
            {
                "row": row.cell.label,
                "seed": replicate.seed,
                "fold": replicate.fold,
                "image": trial.tables["test"]["id"],
                "group": trial.tables["test"]["group"],
                "score": trial.score(score),
            }
        )
        for row in rows
        for replicate, trial in zip(row.cell.trials, row.trials, strict=True)
    ]
    columns = ["row", "seed", "fold", "image", "group", "score"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def sentences(summary: Summary, findings: Findings) -> Iterator[str]:
    """Say what the study can resolve, what it tells apart, and what it was taken over."""
    yield from findings.notes
    primary, found = summary.outline.primary, findings.comparison
    if found is None:
        return
    over = found.table.iloc[0]
    base = summary.baseline.cell.label
    yield (
        f"Against {base!r}: mean difference of {primary} over the same images, 95 % interval over groups of "
        f"near-duplicates ({over['images']} images in {over['groups']} groups, {over['seeds']} seed(s), "
        f"{over['folds']} fold(s)); p of Wilcoxon's signed ranks over the groups, corrected by Holm over the rows."
    )
    if np.isfinite(found.resolvable):
        yield (
            f"The smallest difference of {primary} that this study can resolve is {found.resolvable:.4f} (median over "
            "its rows; seeds and groups of images both taken as random, alpha 0.05 divided by the number of rows)."
        )
    apart = list(found.table.loc[found.table["distinguishable"], "row"])
    rest = list(found.table.loc[~found.table["distinguishable"], "row"])
    if apart:
        yield f"Distinguishable from {base!r}, in bold: {_listed(apart)}."
    if rest:
        yield (
            f"Not distinguishable from {base!r} (a corrected p above 0.05, or a difference below what can be resolved "
            f"in that row): {_listed(rest)}."
        )
    yield from dict.fromkeys(note for note in found.table["note"] if note)
    if findings.ranks is not None and np.isfinite(findings.ranks.friedman):
        yield (
            f"Friedman over {findings.ranks.groups} groups of images, all rows: p {p_value(findings.ranks.friedman)}; "
            f"mean ranks that differ by less than {findings.ranks.critical:.2f} are not told apart (Nemenyi)."
        )


def p_value(p: float) -> str:
    """Write a p value: three places, or that it is smaller."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _complete(summary: Summary) -> tuple[list[Row], list[str]]:
    """The rows whose trials are all done and measured on the baseline's images, and why others are not among them."""
    notes = []
    whole = [row for row in summary.rows if all(trial and trial.images for trial in row.trials)]
    if left := [row.cell.label for row in summary.rows if row not in whole]:
        notes.append(f"In no statistic, since not all of their trials are done and measured: {_listed(left)}.")
    places = [tuple((one.seed, one.fold) for one in row.cell.trials) for row in whole]
    images = [frozenset(name for trial in row.trials for name in trial.images) for row in whole]
    kinds = list(zip(places, images, strict=True))
    like = kinds[whole.index(summary.baseline)] if summary.baseline in whole else kinds[0] if kinds else None
    used = [row for row, kind in zip(whole, kinds, strict=True) if kind == like]
    if other := [row.cell.label for row in whole if row not in used]:
        notes.append(f"In no statistic, since their test images are others than the baseline's: {_listed(other)}.")
    return used, notes


def _compared(summary: Summary, used: list[Row], scores: pd.DataFrame) -> Comparison | None:
    if summary.baseline not in used or len(used) < 2:
        return None
    return compare(scores, summary.baseline.cell.label)


def _crossed(summary: Summary, used: list[Row], scores: pd.DataFrame) -> Effects | None:
    """Effects of the axes that take two values or more among the rows that are used."""
    at = pd.DataFrame([row.cell.at for row in used], index=[row.cell.label for row in used])
    varied = [axis for axis in at if at[axis].nunique() > 1]
    return effects(scores, at[varied]) if len(varied) >= FACTORS else None


def _listed(labels: list[str]) -> str:
    return ", ".join(f'"{label}"' for label in labels)
