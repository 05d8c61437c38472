"""How far a row's mean moves between seeds and between folds, the two apart from each other."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ultraseg.statistics._scores import one


@dataclass(frozen=True)
class Spread:
    """Standard deviations (n - 1) over seeds and over folds, NaN where there is one, and what they are over."""

    over_seeds: float
    over_folds: float
    images: int
    groups: int
    seeds: int
    folds: int
    left_out: int


def spread(scores: pd.DataFrame, row: Any) -> Spread:
    """Standard deviation over seeds and over folds of one row's mean.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score.
        row: which row.

    Returns:
        Over seeds: of a seed's mean over all images of all folds, so that the folds' difficulty is in none of it. Over
        folds: of a fold's mean over its images and all seeds, so that it holds the images' difficulty too. With one
        seed or one fold NaN: no spread is claimed. An image that is undefined under some seed is left out.

    Raises:
        ValueError: the table is not as wanted, has no such row, or the row has no defined score.
    """
    found = one("spread", scores, row)
    images = found.values.mean(0)
    by_fold = np.bincount(found.fold, images) / np.bincount(found.fold)
    return Spread(_deviation(found.values.mean(1)), _deviation(by_fold), **found.over())


def _deviation(means: np.ndarray) -> float:
    return float(np.std(means, ddof=1)) if len(means) > 1 else math.nan
