"""A verdict on every published number: reproduced, within noise or not reproduced, and under which convention it would.

Source: prediction interval of one more run by Student's t (Hahn and Meeker, 1991, section 4.7): reports print one run.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from scipy import stats

from ultraseg.report._conventions import Recomputed
from ultraseg.report._findings import finite, table
from ultraseg.report._summary import Row, Score, Summary
from ultraseg.report._words import SHARES
from ultraseg.statistics import interval

LEVEL = 0.95
SAYS_NOTHING = 0.5
"""An interval that spans more of a score's range than this share holds a number without saying anything of it."""
VERDICTS = ("reproduced", "within noise", "undecided", "not reproduced", "not comparable", "not measured")


@dataclass(frozen=True)
class Verdict:
    """One published number beside ours.

    `low` and `high` are the ends of our 95 % interval, the wider of that over images and that over trials; `runs` those
    of the interval in which one more run would lie, NaN with one trial. `why` says what limits the verdict: why
    nothing can be compared, or that a row which collapsed has the number. `other` names the nearest convention under
    which the number would be reproduced, if it is not under the table's own.
    """

    row: str
    score: str
    published: float
    ours: float
    low: float
    high: float
    runs: tuple[float, float]
    verdict: str
    why: str
    other: str


def verdicts(summary: Summary, recomputed: list[Recomputed]) -> list[Verdict]:
    """Judge every published number that the study's rows are tied to, in the order of the table.

    Args:
        summary: the study.
        recomputed: what its rows score under other conventions.

    Returns:
        A verdict per number: *reproduced* if it lies in our 95 % interval, *within noise* if one more run of ours could
        give it, *undecided* if the interval that holds it spans more than half of what the score can be, *not
        reproduced* otherwise; *not comparable* if it was measured on other data, if the study says in
        what it is `unlike` ours, or if it is a loss, whose unit only the studies as published share; *not measured*
        if no trial of the row has the score.
    """
    return [
        _judge(summary, row, score, published, recomputed)
        for row in summary.rows
        for score, published in row.cell.published.items()
    ]


def frame(found: list[Verdict]) -> pd.DataFrame:
    """Lay verdicts out as a table, every number in full."""
    lines = [{**vars(one), "run_low": one.runs[0], "run_high": one.runs[1]} for one in found]
    return pd.DataFrame(lines).drop(columns="runs")


def sentences(found: list[Verdict]) -> Iterator[str]:
    """Count the verdicts."""
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in VERDICTS}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    undecided = (
        "Undecided: the interval that holds it spans more than half of what the score can be; more seeds or folds "
        "would decide. "
    )
    yield (
        f"{len(found)} published numbers: {told}. Reproduced: within the 95 % interval of ours, the wider of that "
        "over images and that over trials; the wider it is, the less that says. Within noise: one more run of ours "
        f"could give it (95 %). {undecided if counts['undecided'] else ''}"
        "Otherwise the last column names the nearest convention under which our number lies within half that "
        "interval's width of it, if there is one: the report's own, or one of the common ones; Dice, IoU and accuracy "
        "are recomputed under them, the AUC over all pixels alone."
    )


def _judge(summary: Summary, row: Row, score: str, published: float, recomputed: list[Recomputed]) -> Verdict:
    ours = row.scores[score]
    if not ours.trials:
        nothing = (math.nan, math.nan)
        return Verdict(row.cell.label, score, published, math.nan, *nothing, nothing, "not measured", "", "")
    low, high = _ends(row, score, ours)
    runs = _around(ours, one_more=True)
    unlike = _unlike(summary, row, score)
    verdict = "not comparable" if unlike else _by_interval(score, published, (low, high), runs)
    near = [Recomputed(one.measure, one.table.loc[_held(summary, one)]) for one in recomputed]
    other = _other(row, score, published, high - low, near) if verdict == "not reproduced" else ""
    alike = verdict in ("reproduced", "within noise")
    why = unlike or ("by a row that collapsed" if alike and row.failed else "")
    return Verdict(row.cell.label, score, published, ours.mean, low, high, runs, verdict, why, other)


def _by_interval(score: str, published: float, mean: tuple[float, float], runs: tuple[float, float]) -> str:
    """The verdict by the first of two intervals that holds the number, if it is narrow enough to say something."""
    for verdict, ends in (("reproduced", mean), ("within noise", runs)):
        if _inside(published, *ends):
            low, high = np.clip(ends, 0, 1) if score in SHARES else (0, 0)
            return "undecided" if high - low > SAYS_NOTHING else verdict
    return "not reproduced"


def _unlike(summary: Summary, row: Row, score: str) -> str:
    """Why a published number cannot be compared; empty where it can."""
    if not summary.outline.comparable:
        return "on other data"
    if score in row.cell.unlike:
        return row.cell.unlike[score]
    if score == "loss" and not row.on_training:  # as published only where trained and tested as published
        return "another unit"
    return ""


def _held(summary: Summary, recomputed: Recomputed) -> list[str]:
    """The conventions that a number is held against: its own report's, and those of no report."""
    own = f"report {summary.outline.source.get('report', '')}"
    return [name for name in recomputed.table.index if name == own or not name.startswith("report ")]


def _ends(row: Row, score: str, ours: Score) -> tuple[float, float]:
    """The wider of the intervals over images and over trials."""
    ends = [_around(ours, one_more=False)]
    if all(trial and trial.images for trial in row.trials):
        scores = table([row], score)
        if finite(scores, row.cell.label):
            found = interval(scores, row.cell.label)
            ends.append((found.low, found.high))
    known = [end for end in ends if not math.isnan(end[0])]
    return max(known, key=lambda end: end[1] - end[0]) if known else (ours.mean, ours.mean)


def _around(ours: Score, *, one_more: bool) -> tuple[float, float]:
    """Student's interval of the mean over trials, or of one more trial; NaN with one."""
    if ours.trials < 2:
        return math.nan, math.nan
    half = stats.t.ppf((1 + LEVEL) / 2, ours.trials - 1) * ours.sd * math.sqrt(one_more + 1 / ours.trials)
    return ours.mean - half, ours.mean + half


def _inside(value: float, low: float, high: float) -> bool:
    return bool(low - _half_digit(value) <= value <= high + _half_digit(value))


def _half_digit(value: float) -> float:
    """What a printed number may be off by; at least four places are taken, since a YAML file drops trailing zeros."""
    return 0.5 * 10.0 ** -max(4, -Decimal(repr(value)).as_tuple().exponent)


def _other(row: Row, score: str, published: float, width: float, recomputed: list[Recomputed]) -> str:
    """The nearest convention whose number lies as near to the published one as half our interval is wide."""
    values = {name: value for each in recomputed if each.measure == score
              for name, value in each.table[row.cell.label].items()}  # fmt: skip
    if score in row.pooled and row.pooled[score].trials:
        values["all pixels pooled, network's size"] = row.pooled[score].mean
    near = {name: abs(value - published) for name, value in values.items() if np.isfinite(value)}
    best = min(near, key=near.get, default="")
    return best if best and near[best] <= width / 2 + _half_digit(published) else ""
