"""What the same predictions score under each report's convention, and how far that alone moves a number.

Source: the reports' own code, as the conventions' names say: 000 trainer.py, 001 metrics.py, 003 notebook cell 9, 004
fcn_train.py.
Departure: the truth is the mask at the size it is measured at, hard; reports 000, 001 and 004 resized theirs softly,
and 001 divides by the soft one.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import pandas as pd

from ultraseg.report._summary import Row, Summary
from ultraseg.report._trials import Trial

MEASURES = ("dice", "iou", "accuracy")
Totals = pd.DataFrame
"""Columns tp, fp, fn, tn in pixels (or sums of probability), a line per image or per batch."""


@dataclass(frozen=True)
class Convention:
    """One way to score predictions: everything that has to be said beside a number for it to be comparable.

    `part` is the table of a trial that is read, `over` what one number is taken of before the mean, `smooth` what is
    added to both sides of a ratio (0 where an empty image has a rule of its own).
    """

    name: str
    part: str
    over: str
    images: str
    threshold: str
    empty: str
    size: str
    score: Callable[[pd.DataFrame, str], float]

    @property
    def words(self) -> str:
        return (
            f"of the lesion class; {self.images}; over {self.over}; {self.threshold}; empty masks: {self.empty}; at "
            f"{self.size}; {self.part} part"
        )


@dataclass(frozen=True)
class Recomputed:
    """A measure under every convention: a line per convention, a column per row of the study; NaN where not stored."""

    measure: str
    table: pd.DataFrame

    @property
    def tested(self) -> pd.DataFrame:
        """The lines of the conventions that read the test part."""
        return self.table.loc[[each.name for each in CONVENTIONS if each.part == "test"]]

    @property
    def spread(self) -> float:
        """The largest distance between two conventions on one row's test images; NaN if none has two."""
        gaps = self.tested.max() - self.tested.min()
        return float(gaps.max()) if self.tested.count().max() > 1 else math.nan


def recompute(summary: Summary) -> list[Recomputed]:
    """Score the stored rows of all trials that are done under every convention; means over a row's trials."""
    found = []
    for measure in MEASURES:
        columns = {row.cell.label: [_mean(row, each, measure) for each in CONVENTIONS] for row in summary.rows}
        found.append(Recomputed(measure, pd.DataFrame(columns, index=[each.name for each in CONVENTIONS])))
    return found


def sentences(recomputed: list[Recomputed]) -> Iterator[str]:
    """Say how much of a gap between published numbers is convention alone."""
    for each in recomputed:
        if each.spread > 0:
            row = (each.tested.max() - each.tested.min()).idxmax()
            scores = each.tested[row]
            yield (
                f"{each.measure}: the same predictions of {row!r} score {scores.min():.4f} by {scores.idxmin()!r} and "
                f"{scores.max():.4f} by {scores.idxmax()!r}, so {each.spread:.4f} of a published gap can be convention "
                "alone."
            )
    seen = [each.name for each in CONVENTIONS if each.part != "test"]
    if any(each.table.loc[seen].notna().any(axis=None) for each in recomputed):
        yield f"By {', '.join(map(repr, seen))} the images are those of training: other images and not another count."


def _mean(row: Row, convention: Convention, measure: str) -> float:
    scores = [_of_trial(trial, convention, measure) for trial in row.done]
    known = [score for score in scores if not math.isnan(score)]
    return fmean(known) if known else math.nan


def _of_trial(trial: Trial, convention: Convention, measure: str) -> float:
    table = trial.tables.get(convention.part)
    return math.nan if table is None or table.empty else convention.score(table, measure)


def ratio(totals: Totals, measure: str, smooth: float) -> np.ndarray:
    """Take a measure of counts.

    Args:
        totals: the counts.
        measure: dice, iou or accuracy.
        smooth: pixels added above and below; with 0, two empty masks score 1.

    Returns:
        A number per line.
    """
    tp, fp, fn, tn = (totals[name].to_numpy(float) for name in ("tp", "fp", "fn", "tn"))
    above, below = {
        "dice": (2 * tp, 2 * tp + fp + fn),
        "iou": (tp, tp + fp + fn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
    }[measure]
    if measure == "accuracy" or smooth == 0:
        return np.divide(above, below, out=np.ones_like(above), where=below > 0)
    return (above + smooth) / (below + smooth)


def _own(table: pd.DataFrame) -> Totals:
    return table[["tp", "fp", "fn", "tn"]]


def _grid(table: pd.DataFrame) -> Totals:
    """At the network's size."""
    return table[[f"grid_{name}" for name in ("tp", "fp", "fn", "tn")]].set_axis(["tp", "fp", "fn", "tn"], axis=1)


def _soft(table: pd.DataFrame) -> Totals:
    """At the network's size, each pixel by its probability instead of a threshold."""
    hit, found = table["grid_overlap"], table["grid_probability"]
    truth = table["grid_tp"] + table["grid_fn"]
    rest = table["grid_tn"] + table["grid_fp"] - (found - hit)
    return pd.DataFrame({"tp": hit, "fp": found - hit, "fn": truth - hit, "tn": rest})


def _batches(totals: Totals, size: int) -> Totals:
    return totals.groupby(np.arange(len(totals)) // size).sum()


def _per_image(table: pd.DataFrame, measure: str) -> float:
    return float(ratio(_own(table), measure, 0).mean())


def _lesions(table: pd.DataFrame, measure: str) -> float:
    table = table[table["tp"] + table["fn"] > 0]
    return math.nan if table.empty else _per_image(table, measure)


def _pooled(table: pd.DataFrame, measure: str) -> float:
    return float(ratio(_own(table).sum().to_frame().T, measure, 0)[0])


def _soft_batches_of_8(table: pd.DataFrame, measure: str) -> float:
    return float(ratio(_batches(_soft(table), 8), measure, 1e-5).mean())


def _batches_of_32(table: pd.DataFrame, measure: str) -> float:
    """Report 001's code gives a batch without any lesion pixel, true or found, a Dice of 1 but an IoU of 0."""
    totals = _batches(_grid(table), 32)
    scores = ratio(totals, measure, 0)
    nothing = totals[["tp", "fp", "fn"]].sum(axis=1) == 0
    return float(np.where(nothing & (measure == "iou"), 0, scores).mean())


def _all_at_once(table: pd.DataFrame, measure: str) -> float:
    return float(ratio(_grid(table).sum().to_frame().T, measure, 0)[0])


def _batches_of_256(table: pd.DataFrame, measure: str) -> float:
    scores = ratio(_grid(table), measure, 1e-3)
    return fmean(float(batch.mean()) for batch in np.split(scores, range(256, len(scores), 256)))


OWN, GRID = "the size that the table is measured at", "the network's size"
ALL, LESIONS = "all images, normal ones included", "images with a lesion"
HARD, HALF, SOFT = "the trial's threshold and steps after it", "probability above 0.5", "probabilities as they are"
RULE, POOL = "both empty 1, one empty 0", "no rule needed where pixels are pooled"

CONVENTIONS = (
    Convention("per image", "test", "each image", ALL, HARD, RULE, OWN, _per_image),
    Convention("per image, lesions only", "test", "each image", LESIONS, HARD, "not counted", OWN, _lesions),
    Convention("pooled", "test", "all pixels", ALL, HARD, POOL, OWN, _pooled),
    Convention("report 000", "test", "batches of 8, then their mean", ALL, SOFT, "+1e-5", GRID, _soft_batches_of_8),
    Convention(
        "report 001",
        "test",
        "batches of 32, then their mean",
        ALL,
        HALF,
        "a batch of them 1, its IoU 0",
        GRID,
        _batches_of_32,
    ),
    Convention("report 003", "training", "all pixels", ALL, HALF, POOL, GRID, _all_at_once),
    Convention("report 004", "test", "each image, then batches of 256", ALL, HALF, "+1e-3", GRID, _batches_of_256),
)
