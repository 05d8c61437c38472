"""Each row of a study against its baseline, paired by image: difference, tests, and whether it may be called one.

Source: Wilcoxon, 1945; Holm, 1979; `scipy.stats.wilcoxon`, `scipy.stats.permutation_test` and
`statsmodels.stats.multitest.multipletests`.
Departure: the tests see one number for each group of images, the mean of its differences (Wilcoxon) or their sum
(permutation), so that near-duplicates count once. They are tests over images, of these trained networks; a row is
distinguishable only if its difference is also larger than what the study can resolve over other trainings.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ultraseg.statistics._bounds import bounds, few
from ultraseg.statistics._crossed import ALPHA, crossed
from ultraseg.statistics._extra import extra
from ultraseg.statistics._scores import Scores, against

TESTS = ("wilcoxon", "permutation")
BATCH = 1000
"""Signs drawn at once, which bounds the memory: 10 000 draws for 650 groups would take half a gigabyte."""


@dataclass(frozen=True)
class Comparison:
    """The baseline, the median over the rows of what each can resolve, and a line per other row."""

    baseline: Any
    resolvable: float
    table: pd.DataFrame


def compare(
    scores: pd.DataFrame, baseline: Any, *, resamples: int = 2000, permutations: int = 9999, seed: int = 0
) -> Comparison:
    """Compare each row with the baseline on the same images under the same seeds.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score; all rows hold
            the same seeds and images.
        baseline: the row that the others are compared with.
        resamples: draws of the groups for the interval.
        permutations: draws of the signs for the permutation test, which takes all of them where they are no more.
        seed: of both draws.

    Returns:
        `table` has a line per other row: row; difference (the row's mean minus the baseline's, seeds averaged); low and
        high, the ends of its 95 % interval over groups; wilcoxon and permutation, two-sided p, each followed by its
        Holm-corrected p (`wilcoxon_holm`, `permutation_holm`); resolvable, the smallest difference that the study can
        resolve in this row at 0.05 divided by the number of rows; distinguishable, whether `wilcoxon_holm` is at most
        0.05 and the difference exceeds `resolvable`; images, groups, seeds, folds, left_out; and a note. With fewer
        than six groups no test is made: its p is NaN, the row is not distinguishable, and the note says so. An image
        that is undefined in either row under some seed is left out.

    Raises:
        ValueError: the table is not as wanted, the baseline is no row, there is no other row, a row shares no defined
            image with it, or statsmodels is wanted (two tests to correct or more) and not installed, or there are
            fewer than 99 resamples.
    """
    rows = against("compare", scores, baseline)
    table = pd.DataFrame([_line(row, found, len(rows), resamples, permutations, seed) for row, found in rows])
    for test in TESTS:
        corrected = _holm(table[test].to_numpy())
        table.insert(table.columns.get_loc(test) + 1, f"{test}_holm", corrected)
    beyond = table["difference"].abs() > table["resolvable"]
    place = table.columns.get_loc("resolvable") + 1
    table.insert(place, "distinguishable", (table["wilcoxon_holm"] <= ALPHA) & beyond)
    return Comparison(baseline, float(table["resolvable"].median()), table)


def _holm(p: np.ndarray) -> np.ndarray:
    """Correct p values by Holm's steps; those that are NaN stay so and are not counted.

    Raises:
        ValueError: there are two or more to correct and statsmodels is not installed.
    """
    made = ~np.isnan(p)
    corrected = p.copy()
    if made.sum() > 1:
        corrected[made] = extra("compare", "statsmodels.stats.multitest").multipletests(p[made], method="holm")[1]
    return corrected


def _line(row: Any, differences: Scores, rows: int, resamples: int, permutations: int, seed: int) -> dict[str, Any]:
    sums, sizes = differences.sums()
    low, high, limit = bounds(sums, sizes, resamples=resamples, seed=seed)
    found = crossed(differences)
    untested = few(len(sums), "no test is made")
    return {
        "row": row,
        "difference": float(differences.values.mean()),
        "low": low,
        "high": high,
        "wilcoxon": math.nan if untested else _wilcoxon(sums / sizes),
        "permutation": math.nan if untested else _permutation(sums, permutations, seed),
        "resolvable": found.resolvable(rows),
        **differences.over(),
        "note": " ".join(sentence for sentence in (limit, untested, found.note) if sentence),
    }


def _wilcoxon(means: np.ndarray) -> float:
    """Two-sided p of the signed ranks; 1 where all differences are zero, which leaves SciPy 0/0."""
    return float(stats.wilcoxon(means).pvalue) if means.any() else 1.0


def _permutation(sums: np.ndarray, permutations: int, seed: int) -> float:
    """Two-sided p of the mean over images, the signs of whole groups flipped."""
    drawn = stats.permutation_test(
        (sums,), np.mean, permutation_type="samples", vectorized=True, n_resamples=permutations, batch=BATCH,
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(drawn.pvalue)
