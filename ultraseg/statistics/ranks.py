"""Ranks of a study's rows over the groups of images: Friedman's test, Nemenyi's after it, and their diagram.

Source: Demsar, 2006; `scipy.stats.friedmanchisquare`, `scikit_posthocs`.
Departure: blocks are groups of images, not data sets, so what holds is that the rows differ on images like these.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ultraseg.statistics._bounds import few
from ultraseg.statistics._crossed import ALPHA
from ultraseg.statistics._extra import extra
from ultraseg.statistics._scores import study


@dataclass(frozen=True)
class Ranks:
    """Mean rank of each row (1 is best), what the tests say of them, and what they are over.

    `friedman` is the p of no difference between any rows; `nemenyi` the p of each pair, a table of rows by rows;
    `critical` the difference of mean ranks from which Nemenyi's p is at most 0.05. NaN where no test was made.
    """

    mean: pd.Series
    statistic: float
    friedman: float
    nemenyi: pd.DataFrame
    critical: float
    images: int
    groups: int
    seeds: int
    folds: int
    left_out: int
    note: str

    def draw(self, axes: Any) -> None:
        """Draw the critical-difference diagram: rows by mean rank, a bar under those that Nemenyi does not tell apart.

        The axis covers all mean ranks in halves, ones or fives; above it stands the critical difference (CD). Rows of
        one mean rank, which no test could part, are one point.

        Args:
            axes: Matplotlib axes, which are filled.

        Raises:
            ValueError: no test was made, or scikit-posthocs is not installed.
        """
        if math.isnan(self.friedman):
            raise ValueError(f"ranks: no test was made, so there is no diagram: {self.note}")
        names = self.mean.index.to_series().groupby(self.mean.round(9).to_numpy()).agg(list)
        first = [alike[0] for alike in names]
        joined = {alike[0]: " = ".join(map(str, alike)) for alike in names}
        mean = self.mean[first].rename(joined)
        apart = self.nemenyi.loc[first, first].rename(index=joined, columns=joined)
        best, end = self.mean.min(), max(self.mean.max(), self.mean.min() + self.critical)
        step = 0.5 if end - best <= 4 else 1 if end - best <= 16 else 5
        low, high = max(1, step * math.floor(best / step)), step * math.ceil(end / step)
        gap = (high - low) / 50
        drawn = extra("ranks", "scikit_posthocs").critical_difference_diagram(
            mean,
            apart,
            ax=axes,
            label_fmt_left="{label} ({rank:.1f})",
            label_fmt_right="({rank:.1f}) {label}",
            elbow_props={"clip_on": False},
            marker_props={"clip_on": False},
        )
        for label, line in zip(drawn["labels"], drawn["elbows"], strict=True):  # out to the ends of the axis
            end, out = (low, -1) if label.get_ha() == "right" else (high, 1)
            line.set_xdata([end + out * gap, *line.get_xdata()[1:]])
            label.set_x(end + out * 1.5 * gap)
        axes.spines["top"].set_visible(True)
        axes.set_xticks(np.arange(step * math.ceil(low / step), high + 0.1, step))
        axes.set_xlim(low, high)
        axes.plot([low, low + self.critical], [2, 2], color="black", marker="|", linewidth=1)
        axes.text(low + self.critical / 2, 2.3, f"CD = {self.critical:.2f}", ha="center", va="bottom")


def ranks(scores: pd.DataFrame, *, higher_is_better: bool = True) -> Ranks:
    """Rank the rows within each group of images and test whether the ranks differ.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score; all rows hold
            the same seeds and images.
        higher_is_better: whether the highest score has rank 1, as a Dice has; a distance has it the other way.

    Returns:
        Scores are averaged over the seeds and over the images of a group; equal ones share their rank. An image that
        is undefined in any row under any seed is left out. With fewer than six groups no test is made, and the note
        says so.

    Raises:
        ValueError: the table is not as wanted, holds fewer than three rows, no image is defined in all of them, or
            scikit-posthocs is not installed.
    """
    whole = study("ranks", scores)
    count = len(whole.rows)
    if count < 3:
        raise ValueError(f"ranks: three rows or more were wanted, got {count}; two are what compare is for")
    found = whole.defined("ranks", whole.values.reshape(-1, len(whole.images)))
    by_row = found.values.reshape(count, -1, len(found.images)).mean(1)
    # Sums over a group rank its rows as their means do.
    blocks = np.stack([np.bincount(found.group, values) for values in by_row], axis=1)
    names = list(whole.rows)
    mean = pd.Series(stats.rankdata(-blocks if higher_is_better else blocks, axis=1).mean(0), index=names)
    over = {**found.over(), "seeds": whole.values.shape[1]}
    untested = few(len(blocks), "no test is made")
    if untested or (blocks == blocks[:, :1]).all():
        nothing = pd.DataFrame(math.nan, index=names, columns=names)
        note = untested or "All rows score alike in every group of images: no test is made."
        return Ranks(mean, math.nan, math.nan, nothing, math.nan, **over, note=note)
    friedman = stats.friedmanchisquare(*blocks.T)
    nemenyi = extra("ranks", "scikit_posthocs").posthoc_nemenyi_friedman(pd.DataFrame(blocks, columns=names))
    quantile = stats.studentized_range.ppf(1 - ALPHA, count, math.inf) / math.sqrt(2)
    critical = float(quantile * math.sqrt(count * (count + 1) / (6 * len(blocks))))
    return Ranks(mean, float(friedman.statistic), float(friedman.pvalue), nemenyi, critical, **over, note="")
