"""The table of scores that every statistic of this room reads: one line per row, seed and test image.

    row      the row of the study that was trained, by its name
    seed     of the training
    fold     whose test part holds the image; 0 throughout for a hold-out
    image    its id
    group    what never crosses a fold: a patient, or a cluster of near-duplicates
    score    what the network of that row, seed and fold reaches on the image; NaN or infinite where undefined

A trial is a (seed, fold): with k folds each image is tested once per seed, by the trial of its fold. Rows that are
looked at together hold the same seeds and images. An image whose score is not a finite number under some seed is
left out of that statistic and counted in its `left_out`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("row", "seed", "fold", "image", "group", "score")


@dataclass(frozen=True)
class Scores:
    """Scores of one row, or differences of two, on the images that are defined: `values` is `[seeds, images]`.

    `group` and `fold` are codes per image, from 0 and without gaps; `left_out` counts the images that are undefined.
    """

    values: np.ndarray
    images: np.ndarray
    group: np.ndarray
    fold: np.ndarray
    left_out: int

    def over(self) -> dict[str, int]:
        """What the scores are over, as counts."""
        seeds, images = self.values.shape
        groups, folds = (int(codes.max()) + 1 for codes in (self.group, self.fold))
        return {"images": images, "groups": groups, "seeds": seeds, "folds": folds, "left_out": self.left_out}

    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Sum over the images of each group, seeds averaged, and the number of its images; both `[groups]`."""
        return np.bincount(self.group, self.values.mean(0)), np.bincount(self.group).astype(float)


@dataclass(frozen=True)
class Study:
    """Rows that hold the same seeds and images: `values` is `[rows, seeds, images]`, images sorted by id."""

    rows: tuple[Any, ...]
    values: np.ndarray
    images: np.ndarray
    group: np.ndarray
    fold: np.ndarray

    def defined(self, who: str, values: np.ndarray) -> Scores:
        """Keep the images of `values`, `[seeds, images]`, that are finite under every seed.

        Raises:
            ValueError: none is; the message begins with `who`.
        """
        kept = np.isfinite(values).all(0)
        if not kept.any():
            raise ValueError(f"{who}: a finite score under every seed was wanted, none of {kept.size} images has one")
        group, fold = (np.unique(codes[kept], return_inverse=True)[1] for codes in (self.group, self.fold))
        return Scores(values[:, kept], self.images[kept], group, fold, int(np.sum(~kept)))


def study(who: str, table: pd.DataFrame) -> Study:
    """Check a table of scores and lay its rows side by side, in the order in which they first appear.

    Raises:
        ValueError: a column is missing, the table is empty, a line stands twice, an image has two groups or folds, a
            group lies in two folds, or a row lacks a seed or an image of another; the message begins with `who`.
    """
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise ValueError(f"{who}: the columns {', '.join(COLUMNS)} were wanted, {missing[0]!r} is missing")
    if table.empty:
        raise ValueError(f"{who}: scores were wanted, the table has no line")
    row, rows = pd.factorize(table["row"])
    seed, seeds = pd.factorize(table["seed"], sort=True)
    image, images = pd.factorize(table["image"], sort=True)
    group = _one_each(who, table, "group", "image", image, len(images))
    fold = _one_each(who, table, "fold", "image", image, len(images))
    _one_each(who, table, "fold", "group", pd.factorize(table["group"])[0], table["group"].nunique())
    shape = len(rows), len(seeds), len(images)
    count = np.bincount(np.ravel_multi_index((row, seed, image), shape), minlength=np.prod(shape)).reshape(shape)
    for wrong, what in ((count == 0, "no score"), (count > 1, "more than one score")):
        if wrong.any():
            r, s, i = np.argwhere(wrong)[0]
            raise ValueError(
                f"{who}: one score of each image by each row and seed was wanted, row {rows[r]!r} with seed {seeds[s]} "
                f"has {what} for {images[i]!r} ({int(wrong.sum())} such)"
            )
    values = np.empty(shape)
    values[row, seed, image] = table["score"].to_numpy(float)
    return Study(tuple(rows), values, np.asarray(images), group, fold)


def one(who: str, table: pd.DataFrame, row: Any) -> Scores:
    """Read one row of a table of scores; `who` begins the message of every error.

    Raises:
        ValueError: as `study` and `Study.defined`, or the table has no such row.
    """
    if "row" in table and not (table["row"] == row).any():
        raise ValueError(f"{who}: a row of the table was wanted, got {row!r}; it has {_listed(table['row'].unique())}")
    whole = study(who, table[table["row"] == row] if "row" in table else table)
    return whole.defined(f"{who}: row {row!r}", whole.values[0])


def against(who: str, table: pd.DataFrame, baseline: Any) -> list[tuple[Any, Scores]]:
    """Subtract the baseline from every other row, paired by seed and image; `who` begins the message of every error.

    Raises:
        ValueError: as `study` and `Study.defined`, the baseline is no row, or there is no other.
    """
    whole = study(who, table)
    if baseline not in whole.rows:
        raise ValueError(f"{who}: the baseline must be a row, got {baseline!r}; the rows are {_listed(whole.rows)}")
    if len(whole.rows) < 2:
        raise ValueError(f"{who}: a row beside the baseline was wanted, the table has {baseline!r} alone")
    found = []
    for row, values in zip(whole.rows, whole.values, strict=True):
        if row != baseline:
            # inf - inf is no number and no warning: an image undefined on either side is left out.
            with np.errstate(invalid="ignore"):
                differences = values - whole.values[whole.rows.index(baseline)]
            found.append((row, whole.defined(f"{who}: row {row!r} and the baseline {baseline!r}", differences)))
    return found


def _one_each(who: str, table: pd.DataFrame, what: str, of: str, code: np.ndarray, count: int) -> np.ndarray:
    """The code of the one group or fold that each image or group has, `[count]`."""
    value, names = pd.factorize(table[what], sort=True)
    first = np.zeros(count, int)
    first[code[::-1]] = value[::-1]
    wrong = np.flatnonzero(first[code] != value)
    if wrong.size:
        line = wrong[0]
        one, other = names[first[code[line]]], names[value[line]]
        raise ValueError(
            f"{who}: one {what} for each {of} was wanted, {table[of].iloc[line]!r} has {one!r} and {other!r}"
        )
    return first


def _listed(names: Any) -> str:
    return ", ".join(repr(name) for name in names)
