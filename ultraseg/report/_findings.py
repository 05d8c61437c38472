"""What a study's differences are worth: intervals, spreads, tests, and the smallest difference that it can resolve."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ultraseg import records
from ultraseg.report._summary import Row, Summary
from ultraseg.report._words import beyond
from ultraseg.statistics import (
    Comparison,
    Effects,
    Interval,
    Ranks,
    Spread,
    compare,
    effects,
    interval,
    levels,
    ranks,
    spread,
    whole,
)

WANTED = ("statsmodels", "scikit_posthocs")
FACTORS = 2
"""Axes from which a study is crossed, so that effects and interactions can be told apart."""


@dataclass(frozen=True)
class Findings:
    """The statistics of a study's primary score; what could not be computed is None, and `notes` says why.

    `scores` is the table that they were computed from, a line per row, seed and image, of the rows that are `used`:
    those whose trials are all done and measured. `intervals` and `spreads` are by a row's label; `levels`, of a study
    whose cross is complete, by an axis.
    """

    used: tuple[Row, ...]
    scores: pd.DataFrame
    intervals: dict[str, Interval]
    spreads: dict[str, Spread]
    comparison: Comparison | None
    ranks: Ranks | None
    effects: Effects | None
    levels: dict[str, Comparison]
    notes: tuple[str, ...]

    def line(self, label: str) -> pd.Series | None:
        """The comparison of a row with the baseline, None for the baseline and for rows that were not compared."""
        if self.comparison is None:
            return None
        lines = self.comparison.table[self.comparison.table["row"] == label]
        return None if lines.empty else lines.iloc[0]


def find(summary: Summary) -> Findings:
    """Compute the statistics of the primary score over the rows that are complete and share their test images."""
    primary = summary.outline.primary
    used, notes = _complete(summary)
    scores = table(used, primary)
    known = {row.cell.label: finite(scores, row.cell.label) for row in used}
    if nothing := [label for label, images in known.items() if not images]:
        notes.append(
            f"In no statistic, since no image has a finite {primary} under all of their seeds: {_listed(nothing)}."
        )
        used = [row for row in used if known[row.cell.label]]
        scores = table(used, primary)
    intervals = {row.cell.label: interval(scores, row.cell.label) for row in used}
    spreads = {row.cell.label: spread(scores, row.cell.label) for row in used}
    alone = Findings(tuple(used), scores, intervals, spreads, None, None, None, {}, tuple(notes))
    missing = [package for package in WANTED if importlib.util.find_spec(package) is None]
    if missing:
        return replace(alone, notes=(*notes, "No test was made: pip install 'ultraseg[stats]' brings what makes them."))
    if primary == "loss" and len(summary.trivial) > 1:
        return replace(alone, notes=(*notes, "No test was made: the rows' losses have several units."))
    shared = set.intersection(*(known[row.cell.label] for row in used)) if used else set()
    if len(used) > 1 and not shared:
        notes.append(f"No ranks and no effects: no image has a finite {primary} in all rows under all seeds.")
    comparison, more = _compared(summary, used, scores, known)
    return replace(
        alone,
        comparison=comparison,
        ranks=ranks(scores, higher_is_better=not records.falls(primary)) if len(used) > 2 and shared else None,
        effects=_crossed(used, scores) if shared else None,
        levels=_levels(summary, used, scores) if shared else {},
        notes=(*notes, *more),
    )


def finite(scores: pd.DataFrame, label: str) -> set[str]:
    """The images that have a finite score in a row under all of its seeds, which statistics can be taken over."""
    mine = scores[scores["row"] == label]
    return set(mine["image"]) - set(mine.loc[~np.isfinite(mine["score"]), "image"])


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
    base = _listed([summary.baseline.cell.label])
    yield (
        f"Against {base}: mean difference of {primary} over the same images, 95 % interval over groups of images "
        f"(patients or copies: {over['images']} images in {over['groups']} groups, seeds: {over['seeds']}, folds: "
        f"{over['folds']}). The p values hold over images, of these trained networks: Wilcoxon's signed ranks over "
        "the groups and a permutation test on the mean, each corrected by Holm over the rows."
    )
    if beyond(found.resolvable, primary):
        yield (
            f"Over other trainings this study resolves no difference of {primary}, not even the largest that there can "
            f"be, in half of its rows or more (alpha 0.05 divided by the number of rows): {over['seeds']} seeds say "
            "too little of the spread between trainings; add seeds or folds."
        )
    elif np.isfinite(found.resolvable):
        known = found.table["resolvable"]
        known = known[known > 0]  # 0 where two rows are one function, trained from one start
        smallest = f"{known.min():.4f}" + (f" to {known.max():.4f}, by row" if known.max() > known.min() else "")
        yield (
            f"The smallest difference of {primary} that this study can resolve over other trainings too is {smallest} "
            "(seeds and groups of images both taken as random, alpha 0.05 divided by the number of rows)."
        )
    apart = list(found.table.loc[found.table["distinguishable"], "row"])
    rest = list(found.table.loc[~found.table["distinguishable"], "row"])
    if apart:
        yield f"Distinguishable from {base} (in bold, or dist.): {_listed(apart)}."
    if rest:
        known = found.table.loc[found.table["row"].isin(rest), "resolvable"].notna().any()
        reason = "or a difference below what can be resolved in that row" if known else "or one training alone"
        yield f"Not distinguishable from {base} (n.d.: a corrected p above 0.05, {reason}): {_listed(rest)}."
    for note in dict.fromkeys(note for note in found.table["note"] if note):
        rows = list(found.table.loc[found.table["note"] == note, "row"])
        yield note if len(rows) == len(found.table) else f"{_listed(rows)}: {note}"
    yield from _of_levels(primary, findings.levels)
    if findings.ranks is not None and np.isfinite(findings.ranks.friedman):
        yield (
            f"Friedman over {findings.ranks.groups} groups of images, all rows, of these trained networks: p "
            f"{p_value(findings.ranks.friedman)}; mean ranks that differ by less than {findings.ranks.critical:.2f} "
            "are not told apart (Nemenyi)."
        )


def _of_levels(primary: str, found: dict[str, Comparison]) -> Iterator[str]:
    """Which levels of a complete cross are told apart, averaged over the other axes."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for axis, comparison in found.items():
        for line in comparison.table.itertuples():
            told[line.distinguishable].append(
                f'{axis} "{line.row}" against "{comparison.baseline}" ({line.difference:+.4f})'
            )
    if told[True]:
        yield f"Distinguishable in {primary}, averaged over all levels of the other axes: {'; '.join(told[True])}."
    if told[False]:
        yield f"Not distinguishable, averaged over all levels of the other axes: {'; '.join(told[False])}."


def p_value(p: float) -> str:
    """Write a p value: three places, or that it is smaller."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _complete(summary: Summary) -> tuple[list[Row], list[str]]:
    """The rows whose trials are all done and measured on the baseline's images, and why others are not among them."""
    notes = []
    whole = [row for row in summary.rows if row.whole]
    if left := [row.cell.label for row in summary.rows if row not in whole]:
        notes.append(f"In no statistic, since not all of their trials are done and measured: {_listed(left)}.")
    other = summary.elsewhere
    if other:
        notes.append(
            "In no statistic, since their test images or folds are others than the baseline's: "
            f"{_listed([row.cell.label for row in other])}."
        )
    return [row for row in whole if row not in other], notes


def _compared(
    summary: Summary, used: list[Row], scores: pd.DataFrame, known: dict[str, set[str]]
) -> tuple[Comparison | None, list[str]]:
    """The comparison of the rows that share a defined image with the baseline, and why others are not in it."""
    if len(used) < 2:
        return None, []
    base = summary.baseline.cell.label
    if summary.baseline not in used:
        return None, [f"No row is compared: the baseline, {_listed([base])}, is not among those that could be."]
    apart = [row.cell.label for row in used if not known[row.cell.label] & known[base]]
    labels = [row.cell.label for row in used if row.cell.label not in apart]
    notes = [f"Not compared, since they share no defined image with the baseline: {_listed(apart)}."] if apart else []
    return (compare(scores[scores["row"].isin(labels)], base) if len(labels) > 1 else None), notes


def _crossed(used: list[Row], scores: pd.DataFrame) -> Effects | None:
    """Effects of the axes that take two values or more among the rows that are used."""
    factors = _factors(used)
    return effects(scores, factors) if len(factors.columns) >= FACTORS else None


def _levels(summary: Summary, used: list[Row], scores: pd.DataFrame) -> dict[str, Comparison]:
    """Each axis' levels against the baseline's, where the cross is complete and the baseline is in it."""
    factors = _factors(used)
    if len(factors.columns) < FACTORS or not whole(factors) or summary.baseline not in used:
        return {}
    at = summary.baseline.cell.at
    return {axis: compare(levels(scores, factors, axis), at[axis]) for axis in factors}


def _factors(used: list[Row]) -> pd.DataFrame:
    """The level of every row on the axes that take two values or more."""
    at = pd.DataFrame([row.cell.at for row in used], index=[row.cell.label for row in used])
    return at[[axis for axis in at if at[axis].nunique() > 1]]


def _listed(labels: list[str]) -> str:
    return ", ".join(f'"{label}"' for label in labels)
