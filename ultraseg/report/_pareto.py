"""The primary score of every row against what it costs, with the Pareto front: a panel per cost, a colour per row."""

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axis import XAxis
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullLocator

from ultraseg.report._costs import TITLES, cost, fronts, left_out
from ultraseg.report._style import GREY, STYLE, legend, row_look, save, title
from ultraseg.report._summary import Summary

WIDE = 5
"""Costs that differ by more than this factor are drawn on a logarithmic axis."""


def pareto(summary: Summary, path: Path) -> Path | None:
    """Draw the figure; None where no cost differs between rows that have scores."""
    found = fronts(summary)
    if not found:
        return None
    primary = summary.outline.primary
    out = [row for rows in left_out(summary).values() for row in rows]
    with rc_context(STYLE):
        figure = Figure(figsize=(max(7.5, 2.8 * len(found)), 3.1))
        panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
        for axes, (name, on) in zip(panels, found.items(), strict=True):
            points = [(cost(row, name), row.scores[primary]) for row in summary.rows]
            ends = sorted((x, score.mean) for (x, score), held in zip(points, on, strict=True) if held)
            axes.plot(*zip(*ends, strict=True), color=GREY, linewidth=0.9, zorder=1)
            for number, ((x, score), row, held) in enumerate(zip(points, summary.rows, on, strict=True)):
                if not np.isfinite(score.mean):
                    continue
                colour, _, marker = row_look(number)
                look = {"color": colour, "marker": marker, "markersize": 6 if held else 4, "label": row.cell.label}
                look |= {"markerfacecolor": "none"} if row in out else {}
                bar = None if np.isnan(score.sd) else score.sd
                axes.errorbar(x, score.mean, bar, linewidth=0.8, capsize=2, **look)
            known = [x for x, score in points if np.isfinite(x) and np.isfinite(score.mean)]
            _ticks(axes.xaxis, min(known), max(known))
            axes.set_xlabel(TITLES[name])
        panels[0].set_ylabel(primary)
        legend(figure, *panels[0].get_legend_handles_labels())
        below = "Mean over a row's trials, bars one standard deviation. Large, joined: no row scores as well for less."
        below += " Hollow: not held against others." if out else ""
        title(figure, f"{primary} against cost: {summary.heading}", below)
        return save(figure, path)


def _ticks(axis: XAxis, low: float, high: float) -> None:
    """Choose the axis for costs of this range, and so few ticks that their labels stay apart."""
    if high > WIDE * low > 0:
        ratio = high / low
        axis.axes.set_xscale("log")
        axis.set_minor_locator(NullLocator())
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if ratio < 20 else (1, 3) if ratio < 200 else (1,)))
    else:
        axis.set_major_locator(MaxNLocator(4))
    axis.set_major_formatter(EngFormatter())
