"""The difference between two strata of a row's images, such as large and small lesions, with its 95 % interval.

Source: Davison and Hinkley, 1997, section 3.2 (several samples); `scipy.stats.bootstrap`, BCa.
Departure: groups are drawn whole and within their kind (in the first stratum alone, in the second alone, in both), so
that no draw leaves a stratum empty; a group that is the only one of its kind is in every draw.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ultraseg.statistics._bounds import LEVEL, few, refuse_few, same
from ultraseg.statistics._scores import one
from ultraseg.statistics._strata import places


@dataclass(frozen=True)
class Contrast:
    """Mean of the first stratum minus that of the second, the ends of its 95 % interval, and what it is over."""

    difference: float
    low: float
    high: float
    images: int
    groups: int
    seeds: int
    folds: int
    left_out: int
    note: str


def contrast(
    scores: pd.DataFrame, row: Any, stratum: pd.Series, first: Any, second: Any, *, resamples: int = 2000, seed: int = 0
) -> Contrast:
    """Difference of one row's means over two strata, scores averaged over the seeds first.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score.
        row: which row.
        stratum: the stratum's name by image, indexed by image.
        first: name of the stratum whose mean is taken.
        second: name of the stratum whose mean is subtracted.
        resamples: draws of the groups.
        seed: of the draws.

    Returns:
        The counts are those of the two strata together, `left_out` that of the whole row. The ends are NaN where a
        stratum lies in a single group; with fewer than six groups in one of them the note says so.

    Raises:
        ValueError: the table is not as wanted, has no such row, an image has no stratum, or no defined image lies in
            one of the two, or there are fewer than 99 resamples.
    """
    found = one("contrast", scores, row)
    place = places("contrast", found.images, stratum)
    for name in (first, second):
        if not (place == name).any():
            raise ValueError(
                f"contrast: images of the stratum {name!r} were wanted, row {row!r} has none that is defined"
            )
    values, groups = found.values.mean(0), found.group.max() + 1
    inside = [place == name for name in (first, second)]
    sums = np.stack([np.bincount(found.group[part], values[part], groups) for part in inside])
    sizes = np.stack([np.bincount(found.group[part], minlength=groups) for part in inside]).astype(float)
    low, high, note = _ends(sums, sizes, resamples, seed)
    means = sums.sum(1) / sizes.sum(1)
    used = np.any(inside, axis=0)
    return Contrast(
        float(means[0] - means[1]), low, high,
        images=int(used.sum()), groups=len(np.unique(found.group[used])), seeds=len(found.values),
        folds=len(np.unique(found.fold[used])), left_out=found.left_out, note=note,
    )  # fmt: skip


def _ends(sums: np.ndarray, sizes: np.ndarray, resamples: int, seed: int) -> tuple[float, float, str]:
    """Ends of the interval from sums and sizes by stratum and group, `[2, groups]`, and what limits it."""
    refuse_few(resamples)
    fewest = int((sizes > 0).sum(1).min())
    if fewest < 2:
        return math.nan, math.nan, "A stratum lies in one group of images: no interval."
    note = few(fewest, "the interval is a rough one")
    means = sums.sum(1, keepdims=True) / sizes.sum(1, keepdims=True)
    if same(sums - means * sizes, scale=np.abs(sums).max()):
        difference = float(means[0, 0] - means[1, 0])
        return difference, difference, note

    held = sizes > 0
    kinds = [np.flatnonzero(kind) for kind in (held[0] & ~held[1], held[1] & ~held[0], held[0] & held[1])]
    drawn_from = [kind for kind in kinds if len(kind) > 1]
    if not drawn_from:
        return math.nan, math.nan, "Too few groups of images to draw from: no interval."
    lone = [group for kind in kinds if len(kind) == 1 for group in kind]

    def difference(*drawn, axis):
        index = np.concatenate(drawn, axis).astype(int)
        ratios = [
            (part[index].sum(axis) + part[lone].sum()) / (size[index].sum(axis) + size[lone].sum())
            for part, size in zip(sums, sizes, strict=True)
        ]
        return ratios[0] - ratios[1]

    drawn = stats.bootstrap(
        drawn_from, difference, vectorized=True, n_resamples=resamples, confidence_level=LEVEL, method="BCa",
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return (*map(float, drawn.confidence_interval), note)
