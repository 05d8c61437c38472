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
from matplotlib.patheffects import withStroke

from ultraseg import catalogue, pixels, records
from ultraseg.framing import framing, restored
from ultraseg.report._style import ORANGE, SKY, STYLE, save, title
from ultraseg.report._summary import Row, Summary
from ultraseg.report._trials import Trial
from ultraseg.report._words import labels

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
MOST = 12
FOLDER = "panels"
HALF = 127.5
READABLE = [withStroke(linewidth=1.5, foreground="black")]


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
        size = max(7.5, 1.45 * len(heads) + 0.4), 0.9 + 0.13 * deepest + 1.45 * len(choice.images)
        figure = Figure(figsize=size)
        grid = figure.subplots(len(choice.images), len(heads), squeeze=False)
        resized = [
            _line(line, folder / FOLDER, name, [row.trials[choice.place] for row in rows], _policy(_first(summary)))
            for line, name in zip(grid, choice.images.values(), strict=True)
        ]
        for axes, head in zip(grid[0], heads, strict=True):
            axes.set_title(head, fontsize=7.5)
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
    """A row's label, a line for every axis."""
    return "\n".join(textwrap.fill(part, 20) for part in row.cell.at.values()) or row.cell.label


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
    if not _contour(line[1], truth, shape, SKY):
        _text(line[1], "no lesion")
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
    found = pixels.read_image(trial.folder / "predictions" / f"{name}.png", 1)[..., 0]
    _contour(axes, truth, truth.shape, SKY)
    threshold, steps = trial.result["threshold"], trial.resolved["postprocess"]
    if steps:
        decided = (found > 255 * threshold).astype(np.uint8)
        for step in steps:
            decided = catalogue.bind("postprocess", step)(decided)
        found, threshold = 255 * decided, 0.5
    place = trial.images.index(name)
    if _policy(trial) != policy:
        shape = int(trial.score("height")[place]), int(trial.score("width")[place])
        found = _reframed(found / np.float32(255), shape, _policy(trial), policy) * 255
    nothing = not _contour(axes, found, truth.shape, ORANGE, 255 * threshold)
    overlap = trial.score("dice")[place]
    _text(axes, f"Dice {overlap:.2f}" + (", nothing found" if nothing else ""))


def _reframed(found: np.ndarray, shape: tuple[int, int], policy: str, shown: str) -> np.ndarray:
    """A map of one network's picture as it lies in that of another policy, by way of the image's own size."""
    seen, filled = framing(shape, found.shape, policy=shown)
    picture = np.zeros(found.shape, np.float32)
    own = np.ascontiguousarray(seen.of(restored(found, shape, policy=policy)))
    filled.of(picture)[...] = cv2.resize(own, (filled.width, filled.height), interpolation=cv2.INTER_AREA)
    return picture


def _picture(axes: Axes, image: np.ndarray, shape: tuple[int, int]) -> None:
    small = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA) if image.shape[:2] != shape else image
    axes.imshow(small, interpolation="nearest")


def _contour(axes: Axes, mask: np.ndarray, shape: tuple[int, int], colour: str, above: float = HALF) -> bool:
    """Outline where an 8-bit mask exceeds a level, at the figure's size; False if it does nowhere."""
    level = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR) if mask.shape != shape else mask
    if not (level > above).any():
        return False
    edged = np.pad(level.astype(float), 1)
    places = np.arange(-1, shape[1] + 1), np.arange(-1, shape[0] + 1)
    axes.contour(*places, edged, levels=[above], colors=[colour], linewidths=1.1)
    axes.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))
    return True


def _text(axes: Axes, words: str) -> None:
    axes.text(
        0.03, 0.03, words, transform=axes.transAxes, color="white", fontsize=7, va="bottom", path_effects=READABLE
    )


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
