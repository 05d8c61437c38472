"""A row's mean over images with its 95 % bootstrap interval, groups of near-duplicates drawn whole.

Source: Efron, 1987 (BCa); `scipy.stats.bootstrap` on the sum and size of each group.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ultraseg.statistics._bounds import bounds
from ultraseg.statistics._scores import one


@dataclass(frozen=True)
class Interval:
    """A mean over images, the ends of its 95 % interval, what it is over, and what limits it (a sentence or none)."""

    mean: float
    low: float
    high: float
    images: int
    groups: int
    seeds: int
    folds: int
    left_out: int
    note: str


def interval(scores: pd.DataFrame, row: Any, *, resamples: int = 2000, seed: int = 0) -> Interval:
    """Mean of one row over its images, scores averaged over the seeds first.

    The interval says how far the mean would move with other images of the same kind. The trained networks stay as
    they are: what other seeds would change is `spread`'s to say.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score.
        row: which row.
        resamples: draws of the groups.
        seed: of the draws.

    Returns:
        The mean weighs every image alike. The ends are NaN with a single group, and the mean itself where all groups
        agree; with fewer than six groups the note says so. An image that is undefined under some seed is left out.

    Raises:
        ValueError: the table is not as wanted, has no such row, the row has no defined score, or there are fewer
            than 99 resamples.
    """
    found = one("interval", scores, row)
    low, high, note = bounds(*found.sums(), resamples=resamples, seed=seed)
    return Interval(float(found.values.mean()), low, high, **found.over(), note=note)
