"""Overlay panels: test images chosen by quantile, their truth, and what every row of the table found in them."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ultraseg import pixels, records
from ultraseg.decision import decide
from ultraseg.framing import Framing, framing, restored
from ultraseg.report._style import ORANGE, SKY, STYLE, save, title
from ultraseg.report._summary import Row, Summary
from ultraseg.report._trials import Trial
from ultraseg.report._words import labels

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
MOST = 12
FOLDER = "panels"
LETTERS = 22
"""As many letters of a header as stand above a picture in one line."""


@dataclass(frozen=True)
class Choice:
    """The images to show by the quantile of one trial's scores, and that trial: its row and its place in there."""

    index: int
    place: int
    images: dict[float, str]


def choose(summary: Summary) -> Choice | None:
    """Choose the test images at fixed quantiles of the primary score, worst first.

    Returns:
        The images by the baseline's first trial that has scores (the first such row's if the baseline has
        none), an image once; None while no trial has scores.
    """
    for index in (summary.outline.baseline, *range(len(summary.rows))):
        for place, trial in enumerate(summary.rows[index].trials):
            if trial and trial.images:
                return Choice(index, place, _at_quantiles(trial, summary.outline.primary))
    return None


def panels(summary: Summary, folder: Path) -> Path | None:
    """Draw the chosen images; None where nothing is done yet or an image's pixels were not left in the folder."""
    choice = choose(summary)
    if choice is None or not all((folder / FOLDER / f"{name}-image.png").is_file() for name in choice.images.values()):
        return None
    rows = _shown(summary, choice)
    with rc_context(STYLE):
        heads = ["image", "truth", *(_head(row) for row in rows)]
        deepest = max(len(head.splitlines()) for head in heads)
        size = max(7.5, 1.45 * len(heads) + 0.4), 0.9 + 0.13 * deepest + 1.6 * len(choice.images)
        figure = Figure(figsize=size)
        grid = figure.subplots(len(choice.images), len(heads), squeeze=False)
        resized = [
            _line(line, folder / FOLDER, name, [row.trials[choice.place] for row in rows], _policy(_first(summary)))
            for line, name in zip(grid, choice.images.values(), strict=True)
        ]
        longest = max(len(line) for head in heads for line in head.splitlines())
        for axes, head in zip(grid[0], heads, strict=True):
            axes.set_title(head, fontsize=7.5 * min(1, LETTERS / longest))
        for line, (quantile, name) in zip(grid, choice.images.items(), strict=True):
            line[0].set_ylabel(f"{quantile:.0%} quantile\n{name}", fontsize=7.5)
        _legend(figure)
        sentences = [_explain(summary, choice, rows), *sorted({note for note in resized if note})]
        title(figure, f"Predictions on test images: {summary.heading}", " ".join(sentences))
        return save(figure, folder / "panels.png")


def _at_quantiles(trial: Trial, primary: str) -> dict[float, str]:
    values = trial.score(primary) * (-1 if records.falls(primary) else 1)
    ranked = [trial.images[i] for i in np.argsort(values, kind="stable") if np.isfinite(values[i])]
    found: dict[str, float] = {}
    for quantile in QUANTILES if ranked else ():
        found.setdefault(ranked[round(quantile * (len(ranked) - 1))], quantile)
    return {quantile: name for name, quantile in found.items()}


def _shown(summary: Summary, choice: Choice) -> list[Row]:
    """All rows, or where they are too many to be seen the reference and others evenly down the ranks of their mean."""
    if len(summary.rows) <= MOST:
        return list(summary.rows)
    means = np.nan_to_num([row.scores[summary.outline.primary].mean for row in summary.rows])
    ranked = [int(i) for i in np.argsort(-means, kind="stable") if i != choice.index]
    kept = {ranked[round(i)] for i in np.linspace(0, len(ranked) - 1, MOST - 1)} | {choice.index}
    return [row for i, row in enumerate(summary.rows) if i in kept]


def _head(row: Row) -> str:
    """A row's label, a line for every axis, none broken inside a word."""
    parts = row.cell.at.values()
    wrapped = (textwrap.fill(part, LETTERS, break_long_words=False, break_on_hyphens=False) for part in parts)
    return "\n".join(wrapped) or row.cell.label


def _first(summary: Summary) -> Trial:
    """The trial whose pixels are shown."""
    return next(trial for row in summary.rows for trial in row.trials if trial)


def _policy(trial: Trial) -> str:
    """How a trial's images fit into its network's picture."""
    return next(step["resize"]["policy"] for step in trial.resolved["preprocess"] if "resize" in step)


def _line(line: list[Axes], folder: Path, name: str, trials: list[Trial | None], policy: str) -> str:
    """Fill one line of the figure; return a note if the image had to be resized to the masks."""
    image = pixels.read_image(folder / f"{name}-image.png", 3)
    truth = pixels.read_image(folder / f"{name}-truth.png", 1)[..., 0]
    for axes in line:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    shape = truth.shape
    _picture(line[0], image, shape)
    _picture(line[1], image, shape)
    if not _contour(line[1], truth / 255, SKY):
        _say(line[1], "no lesion")
    for axes, trial in zip(line[2:], trials, strict=True):
        _prediction(axes, image, truth, name, trial, policy)
    if image.shape[:2] == shape:
        return ""
    (height, width), (tall, wide) = shape, image.shape[:2]
    return f"Images are shown at {width}x{height} pixels, the size of the masks, not at the network's {wide}x{tall}."


def _prediction(axes: Axes, image: np.ndarray, truth: np.ndarray, name: str, trial: Trial | None, policy: str) -> None:
    known = bool(trial) and name in trial.images
    _picture(axes, image if known else np.full_like(image, 235), truth.shape)
    if not known:
        words = "not done" if not trial else trial.outcome if not trial.images else "not in its\ntest part"
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", fontsize=7.5)
        return
    _contour(axes, truth / 255, SKY)
    place = trial.images.index(name)
    marked = trial.score("tp")[place] + trial.score("fp")[place]
    if marked:
        mask, framed = _measured(trial, place, truth.shape, policy)
        _contour(axes, mask, ORANGE, framed)
    _say(axes, f"Dice {trial.score('dice')[place]:.2f}" + ("" if marked else ", nothing found"))


def _measured(trial: Trial, place: int, shown: tuple[int, int], policy: str) -> tuple[np.ndarray, Framing]:
    """The mask that was measured, at the size that it was measured at, and how that lies in the picture shown."""
    shape = int(trial.score("height")[place]), int(trial.score("width")[place])
    levels = pixels.read_image(trial.folder / "predictions" / f"{trial.images[place]}.png", 1)[..., 0]
    own, shown_as = _policy(trial), policy
    if trial.resolved["data"]["mask_size"] != trial.resolved["data"]["size"]:  # measured on the network's own masks
        own = shown_as = "stretch"
    probability = restored(levels / np.float32(255), shape, policy=own)
    mask = decide(probability, threshold=trial.result["threshold"], steps=trial.resolved["postprocess"])
    return mask, framing(shape, shown, policy=shown_as)


def _picture(axes: Axes, image: np.ndarray, shape: tuple[int, int]) -> None:
    small = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA) if image.shape[:2] != shape else image
    axes.imshow(small, interpolation="nearest")


def _contour(axes: Axes, mask: np.ndarray, colour: str, framed: Framing | None = None) -> bool:
    """Outline where a mask in [0, 1] exceeds one half, framed as the picture is; False if it does nowhere."""
    if not (mask > 0.5).any():
        return False
    seen, filled = framed or framing(mask.shape, mask.shape, policy="stretch")
    rows, columns = (np.arange(-0.5, side + 1) for side in mask.shape)
    rows = filled.top + (rows - seen.top) * filled.height / seen.height - 0.5
    columns = filled.left + (columns - seen.left) * filled.width / seen.width - 0.5
    limits = axes.axis()
    axes.contour(columns, rows, np.pad(mask.astype(float), 1), levels=[0.5], colors=[colour], linewidths=1.1)
    axes.axis(limits)
    return True


def _say(axes: Axes, words: str) -> None:
    axes.set_xlabel(words, fontsize=7, labelpad=2)


def _legend(figure: Figure) -> None:
    marks = {"truth": Line2D([], [], color=SKY), "prediction": Line2D([], [], color=ORANGE)}
    figure.legend(marks.values(), marks.keys(), loc="outside lower left", ncols=2)


def _explain(summary: Summary, choice: Choice, rows: list[Row]) -> str:
    primary, row = summary.outline.primary, summary.rows[choice.index]
    replicate = row.cell.trials[choice.place]
    words = f"Images chosen by quantile of the {primary} of {labels([row])} (seed {replicate.seed}, fold "
    words += f"{replicate.fold}), worst first; every column shows its trial of that seed and fold."
    if len(rows) < len(summary.rows):
        words += f" {len(rows)} of the table's {len(summary.rows)} rows are shown, evenly by rank of {primary}."
    return words
