"""Training curves: one block per row of the table, loss above and validation Dice below, one thin line per trial."""

import math
import textwrap
from collections.abc import Iterable
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ultraseg.report._style import BLUE, GREEN, GREY, ORANGE, STYLE, VERMILION, save, title
from ultraseg.report._summary import Row, Summary
from ultraseg.report._trials import Trial

LOGARITHMIC = 30
"""Losses that span more than this ratio are drawn on a logarithmic axis."""
SHORT = 3
"""A row whose trainings are shorter than the longest by this factor has epochs of its own below it."""
LETTERS = 32
"""As many letters of a row's label as stand above a block in one line."""
MARKS = {
    "training loss": Line2D([], [], color=BLUE),
    "validation loss": Line2D([], [], color=ORANGE),
    "validation Dice": Line2D([], [], color=GREEN),
    "epoch kept": Line2D([], [], color=GREEN, marker="o", markersize=4, linestyle="none"),
    "diverged": Line2D([], [], color=VERMILION, marker="x", markersize=6, linestyle="none"),
}


def curves(summary: Summary, path: Path) -> Path:
    """Draw the curves of all trials that are done; blocks share their axes where unit and length allow it."""
    validated = any(_finite(trial, "val_dice") for trial in summary.done)
    count = len(summary.rows)
    blocks, height = math.ceil(count / (4 if count <= 12 else 6)), 2 if validated else 1
    columns = math.ceil(count / blocks)
    with rc_context(STYLE):
        deepest = max(len(_name(row).splitlines()) for row in summary.rows)
        size = max(7.0, 2.5 * columns), 1.0 + blocks * (1.45 * height + 0.3 + 0.13 * deepest)
        figure = Figure(figsize=size)
        grid = figure.subplots(blocks * height, columns, squeeze=False)
        for index in range(blocks * columns):
            block, column = divmod(index, columns)
            places = [grid[block * height + part][column] for part in range(height)]
            if index < count:
                _block(summary, summary.rows[index], places, first=column == 0)
            else:
                for place in places:
                    place.set_visible(False)
        drawn = {line.get_label() for axes in figure.axes for line in axes.lines}
        shown = {name: mark for name, mark in MARKS.items() if name in drawn}
        if shown:
            figure.legend(shown.values(), shown.keys(), loc="outside lower left", ncols=len(shown))
        lines = "One line per trial: loss (above) and Dice of the validation images (below), by epoch."
        title(
            figure, f"Training curves: {summary.heading}", lines if validated else "One line per trial: loss by epoch."
        )
        return save(figure, path)


def _name(row: Row) -> str:
    return textwrap.fill(row.cell.label, LETTERS)


def _block(summary: Summary, row: Row, places: list[Axes], *, first: bool) -> None:
    loss = places[0]
    loss.set_title(_name(row), loc="left", fontsize=7.5)
    units = sorted({trial.loss for trial in row.done}) or sorted(summary.trivial)[:1]
    low, high = _limits([t for t in summary.done if t.loss in units], ("loss", "val_loss"))
    if low > 0 and high / low > LOGARITHMIC:
        loss.set_yscale("log")
    margin = 0 if loss.get_yscale() == "log" else 0.05 * (high - low)
    loss.set_ylim(low - margin, high * 1.2 if not margin else high + margin)
    for trial in row.done:
        _line(loss, trial, "loss", "training loss")
        _line(loss, trial, "val_loss", "validation loss")
        if trial.outcome == "diverged":
            _cross(loss, trial)
    if first or len(summary.trivial) > 1:
        loss.set_ylabel(f"loss ({', '.join(unit.partition('(')[0] for unit in units)})" if units else "loss")
    else:
        loss.tick_params(labelleft=False, which="both")
    for dice in places[1:]:
        loss.tick_params(labelbottom=False)
        dice.set_ylim(-0.03, 1.03)
        dice.set_ylabel("validation Dice") if first else dice.tick_params(labelleft=False)
        for trial in row.done:
            _line(dice, trial, "val_dice", "validation Dice")
            _kept(dice, trial)
    _epochs(summary, row, places)
    _say(row, places)


def _line(axes: Axes, trial: Trial, column: str, name: str) -> None:
    points = _finite(trial, column)
    if points:
        look = {"color": MARKS[name].get_color(), "marker": "." if len(points) == 1 else None}
        axes.plot(*zip(*points, strict=True), linewidth=0.9, alpha=0.8, label=name, **look)


def _cross(axes: Axes, trial: Trial) -> None:
    """Mark the last epoch whose loss was a number; one that never was is marked at the top of the first epoch."""
    points = _finite(trial, "loss")
    x, y = points[-1] if points else (1, axes.get_ylim()[1])
    axes.plot([x], [y], marker="x", color=VERMILION, markersize=6, clip_on=False, zorder=5, label="diverged")


def _kept(axes: Axes, trial: Trial) -> None:
    points = [point for point in _finite(trial, "val_dice") if point[0] - 1 == trial.result["kept_epoch"]]
    for x, y in points:
        axes.plot([x], [y], marker="o", color=GREEN, markersize=3.5, clip_on=False, label="epoch kept")


def _epochs(summary: Summary, row: Row, places: Iterable[Axes]) -> None:
    last, own = (max((len(trial.history) for trial in one.done), default=1) for one in (summary, row))
    last = own if row.done and SHORT * own <= last else last
    for axes in places:
        axes.set_xlim(0.5, last + 0.5)
        axes.xaxis.get_major_locator().set_params(integer=True, nbins=5, min_n_ticks=1)
    axes.set_xlabel("epoch", labelpad=1)


def _say(row: Row, places: list[Axes]) -> None:
    """Write into the block what its lines do not show: trials that are missing, collapsed or diverged."""
    words = [f"{row.count(outcome)} {outcome}" for outcome in ("collapsed", "diverged") if row.count(outcome)]
    if len(row.done) < len(row.trials):
        words.insert(0, f"{len(row.done)} of {len(row.trials)} trials done")
    if len(places) > 1 and row.done and not any(_finite(trial, "val_dice") for trial in row.done):
        words.append("no validation images")
    axes = places[-1]
    axes.text(0.98, 0.95, ", ".join(words), transform=axes.transAxes, ha="right", va="top", color=GREY, fontsize=7)


def _finite(trial: Trial, column: str) -> list[tuple[float, float]]:
    """Points (epoch from 1, value) where the value is a number."""
    return [(row["epoch"] + 1, row[column]) for row in trial.history if math.isfinite(row[column])]


def _limits(trials: Iterable[Trial], columns: Iterable[str]) -> tuple[float, float]:
    values = [value for trial in trials for column in columns for _, value in _finite(trial, column)]
    return (min(values), max(values)) if values and min(values) < max(values) else (0.0, max([1.0, *values]))
