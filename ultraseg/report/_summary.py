"""A study's finished trials reduced to the numbers of its table.

Every score is first averaged over the images of one trial; means and standard deviations of a row are then taken
over its trials, so that they show how far seeds and folds move a result. Nothing is dropped in silence: images on
which a score is undefined are counted, and so are trials which have no scores.
"""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ultraseg import records
from ultraseg.report._outline import Cell, Outline
from ultraseg.report._trials import Trial, read

NAN = float("nan")
TRIVIAL = "all background"
ANNOTATORS = "two annotators"


@dataclass(frozen=True)
class Score:
    """One number of a row: mean and standard deviation (n - 1) over the means of its trials.

    `median` is that over the images of a trial, averaged over the trials. What does not exist is NaN: `sd` of
    one trial, everything of none. `undefined` of `images` measurements are in none of them.
    """

    mean: float
    sd: float
    median: float
    trials: int
    undefined: int
    images: int


@dataclass(frozen=True)
class Row:
    """One cell with its trials, None where a trial is not done, and its scores."""

    cell: Cell
    trials: tuple[Trial | None, ...]
    scores: dict[str, Score]
    pooled: dict[str, Score]

    @property
    def done(self) -> list[Trial]:
        return [trial for trial in self.trials if trial]

    @property
    def whole(self) -> bool:
        """Whether all its trials are done and measured."""
        return all(trial and trial.images for trial in self.trials)

    @property
    def failed(self) -> bool:
        """Whether every trial that is done collapsed or diverged; not while none is done."""
        return bool(self.done) and self.count("trained") == 0

    @property
    def on_training(self) -> bool:
        """Whether a trial of it, if any is done, is tested on the images that it was trained on."""
        return any(trial.result["data"]["tested_on_training"] for trial in self.done)

    def count(self, outcome: str) -> int:
        return sum(trial.outcome == outcome for trial in self.done)


@dataclass(frozen=True)
class Summary:
    """A study's table before it is put into words.

    `trivial` maps a loss to that of a constant answer, `given_up` has a sentence per trial that failed twice.
    """

    outline: Outline
    rows: tuple[Row, ...]
    scores: tuple[str, ...]
    pooled: tuple[str, ...]
    trivial: dict[str, float]
    given_up: tuple[str, ...]

    @property
    def done(self) -> list[Trial]:
        return [trial for row in self.rows for trial in row.done]

    @property
    def wanted(self) -> int:
        return sum(len(row.trials) for row in self.rows)

    @property
    def baseline(self) -> Row:
        return self.rows[self.outline.baseline]

    @property
    def elsewhere(self) -> list[Row]:
        """The whole rows whose seeds, folds or test images are others than the baseline's, or the first whole row's."""
        tested = [(row, _tested(row)) for row in self.rows if row.whole]
        like = next((found for row, found in tested if row is self.baseline), tested[0][1] if tested else None)
        return [row for row, found in tested if found != like]

    @property
    def published(self) -> set[str]:
        """The scores of which at least one row has a published value."""
        return {score for row in self.rows for score in row.cell.published}

    @property
    def heading(self) -> str:
        """The title with what must never be missing from it: the data, and training-set figures as such."""
        trained = {row.on_training for row in self.rows if row.done}
        figures = {frozenset([True]): ", training-set figures", frozenset([True, False]): ", some on training images"}
        return f"{self.outline.title}, on {self.outline.data}{figures.get(frozenset(trained), '')}"


def summarise(outline: Outline, trials: Path) -> Summary:
    """Read the trials of a study that are done and take their means.

    Args:
        outline: the study.
        trials: the folder in which trial folders lie.

    Returns:
        A row per cell, in the study's order, also for cells of which nothing is done.

    Raises:
        ValueError: a file of a trial is damaged or lacks a column; the message names it.
    """
    published = {score for cell in outline.cells for score in cell.published}
    scores = dict.fromkeys([*outline.scores, outline.primary, *sorted(published)])
    scores = tuple(score for score in scores if score != "loss") + ("loss",)
    rows = []
    for cell in outline.cells:
        found = tuple(read(trials, replicate.id) for replicate in cell.trials)
        done = [trial for trial in found if trial]
        pooled = [trial.result["pooled"] for trial in done if trial.result["pooled"]]
        rows.append(
            Row(
                cell,
                found,
                {score: _score([trial.score(score) for trial in done if trial.images]) for score in scores},
                {score: _score([_column(one[score]) for one in pooled]) for score in ("accuracy", "auc")},
            )
        )
    beside = tuple(score for score in ("accuracy", "auc") if score in published)
    trivial = _trivial([trial for row in rows for trial in row.done])
    return Summary(outline, tuple(rows), scores, beside, trivial, tuple(_given_up(outline, trials)))


def _tested(row: Row) -> tuple[tuple, frozenset]:
    """Seeds and folds in order, and the test images of each fold with their groups."""
    places = tuple((one.seed, one.fold) for one in row.cell.trials)
    images = frozenset(
        (one.fold, *pair)
        for one, trial in zip(row.cell.trials, row.trials, strict=True)
        for pair in trial.tables["test"][["id", "group"]].itertuples(index=False, name=None)
    )
    return places, images


def _given_up(outline: Outline, trials: Path) -> Iterator[str]:
    """Which trials failed twice, and how."""
    for cell in outline.cells:
        for replicate in cell.trials:
            path = records.failure(trials, replicate.id)
            if path.is_file() and not records.complete(trials, replicate.id):
                said = str(records.read_json(path)["sentence"]).splitlines()[0]
                yield f'"{cell.label}" at seed {replicate.seed}, fold {replicate.fold} ({said})'


def deviation(values: Sequence[float]) -> float:
    """Standard deviation with n - 1; NaN below two values, since one number has no spread."""
    return statistics.stdev(values) if len(values) > 1 else NAN


def _score(columns: Sequence[np.ndarray]) -> Score:
    defined = [column[np.isfinite(column)] for column in columns]
    means = [float(column.mean()) for column in defined if column.size]
    medians = [float(np.median(column)) for column in defined if column.size]
    images, known = sum(column.size for column in columns), sum(column.size for column in defined)
    return Score(_mean(means), deviation(means), _mean(medians), len(means), images - known, images)


def compared(summary: Summary) -> dict[str, dict[str, float]]:
    """What needs no network scores on the same test images, averaged over the trials that are done.

    Returns:
        Scores by name: of the answers without a network, and of two annotators of one scan where the data set shows
        one twice. NaN where there is no such score; so is the loss of a constant where the rows' losses have several
        units.
    """
    names = summary.done[0].result["baselines"] if summary.done else (TRIVIAL,)
    found = {name: {score: _baseline(summary, name, score) for score in summary.scores} for name in names}
    pairs = [trial.result["annotators"] for trial in summary.done if trial.result["annotators"]["pairs"]]
    if pairs and "dice" in summary.scores:
        found[ANNOTATORS] = {"dice": _mean([pair["dice"] for pair in pairs])}
    return found


def _baseline(summary: Summary, name: str, score: str) -> float:
    if score == "loss" and len(summary.trivial) > 1:
        return NAN
    found = [trial.result["baselines"][name].get(records.COLUMN.get(score, score)) for trial in summary.done]
    return _mean([one for one in found if one is not None])


def _trivial(trials: Iterable[Trial]) -> dict[str, float]:
    """Average the loss of a constant answer over the trials of each loss, whose units may differ."""
    found: dict[str, list[float]] = {}
    for trial in trials:
        found.setdefault(trial.loss, []).append(trial.result["baselines"][TRIVIAL]["loss"])
    return {loss: _mean(given) for loss, given in found.items()}


def _column(value: float | None) -> np.ndarray:
    return np.array([NAN if value is None else value])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else NAN
