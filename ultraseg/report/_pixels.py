"""ROC, precision-recall and reliability curves of all test pixels at once: a colour per row, a line per trial."""

import zipfile
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from ultraseg import records
from ultraseg.report._style import GREY, STYLE, legend, row_look, save, title
from ultraseg.report._summary import Summary
from ultraseg.report._trials import Trial
from ultraseg.report._words import labels

FILE = "curves.npz"
FAINT = 0.1
"""Share of the pixels below which a bin of the reliability curve is too empty to be drawn, in percent."""


def pixels(summary: Summary, path: Path) -> Path | None:
    """Draw the curves of every measured trial; None while there is none.

    Raises:
        ValueError: a trial's curves are damaged; the message names the file.
    """
    rows = [(row, [_read(trial) for trial in row.done if trial.images]) for row in summary.rows]
    rows = [(row, found) for row, found in rows if found]
    if not rows:
        return None
    with rc_context(STYLE):
        figure = Figure(figsize=(8.4, 3.2))
        receiver, recall, reliability = figure.subplots(1, 3)
        handles = []
        for number, (_, trials) in enumerate(rows):
            colour, line, _ = row_look(number)
            look = {"color": colour, "linestyle": line, "linewidth": 0.9, "alpha": 0.8}
            for curves in trials:
                handle = receiver.plot(curves["roc_false_positive_rate"], curves["roc_true_positive_rate"], **look)
                recall.plot(curves["pr_recall"], curves["pr_precision"], **look)
                held = _held(curves)
                points = (curves[name][held] for name in ("reliability_probability", "reliability_lesion"))
                reliability.plot(*points, marker=".", markersize=3 if held.sum() > 1 else 8, **look)
            handles += handle
        for axes in (receiver, reliability):
            axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
        rates = ("false positive rate", "true positive rate")
        names = (rates, ("recall", "precision"), ("probability", "share of lesion"))
        for axes, (across, up) in zip((receiver, recall, reliability), names, strict=True):
            axes.set(xlabel=across, ylabel=up, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        legend(figure, handles, [row.cell.label for row, _ in rows])
        below = "Over all test pixels of a trial at once, at the size of the network's masks; one line per trial."
        more = f"Bins with less than {FAINT} % of the pixels are not drawn. Dotted: a guess (left), the ideal (right)."
        if alone := [row for row, trials in rows if any(_held(curves).sum() == 1 for curves in trials)]:
            more += f" A large dot and no line (right): a trial with nearly all pixels in one bin: {labels(alone)}."
        if missing := [row for row in summary.rows if not any(trial.images for trial in row.done)]:
            more += f" Not drawn, as no trial of theirs is measured: {labels(missing)}."
        title(figure, f"ROC, precision and recall, reliability: {summary.heading}", f"{below} {more}")
        return save(figure, path)


def _held(curves: dict[str, np.ndarray]) -> np.ndarray:
    """The bins of the reliability curve that are full enough to be drawn."""
    return curves["reliability_pixels"] >= FAINT / 100 * curves["reliability_pixels"].sum()


def _read(trial: Trial) -> dict[str, np.ndarray]:
    path = trial.folder / FILE
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
            return {name: saved[name] for name in records.CURVES}
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, OSError):
        raise ValueError(f"{path}: the curves are damaged; remove its folder and run the study again") from None
