"""The primary score of every row against what it costs, with the Pareto front: a panel per cost, a colour per row."""

from pathlib import Path

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from ultraseg.report._costs import TITLES, cost, fronts
from ultraseg.report._style import GREY, STYLE, save, title
from ultraseg.report._summary import Summary

WIDE = 5
"""Costs that differ by more than this factor are drawn on a logarithmic axis."""


def pareto(summary: Summary, path: Path) -> Path | None:
    """Draw the figure; None where no cost differs between rows that have scores."""
    found = fronts(summary)
    if not found:
        return None
    primary = summary.outline.primary
    with rc_context(STYLE):
        lines = -(-len(summary.rows) // 3)
        figure = Figure(figsize=(2.8 * max(2, len(found)), 3.2 + 0.14 * lines))
        panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
        for axes, (name, on) in zip(panels, found.items(), strict=True):
            points = [(cost(row, name), row.scores[primary]) for row in summary.rows]
            ends = sorted((x, score.mean) for (x, score), held in zip(points, on, strict=True) if held)
            axes.plot(*zip(*ends, strict=True), color=GREY, linewidth=0.9, zorder=1)
            for number, ((x, score), row, held) in enumerate(zip(points, summary.rows, on, strict=True)):
                look = {"color": colormaps["tab20"](number % 20), "markersize": 6 if held else 4}
                label = row.cell.label if axes is panels[0] else None
                bar = None if np.isnan(score.sd) else score.sd
                axes.errorbar(x, score.mean, bar, marker="o", linewidth=0.8, capsize=2, label=label, **look)
            known = [x for x, score in points if np.isfinite(x) and np.isfinite(score.mean)]
            if max(known) > WIDE * min(known):
                axes.set_xscale("log", subs=(2, 5))
                axes.xaxis.set_minor_formatter(EngFormatter())
            axes.xaxis.set_major_formatter(EngFormatter())
            axes.set_xlabel(TITLES[name])
        panels[0].set_ylabel(primary)
        figure.legend(loc="outside lower left", ncols=3, fontsize=7)
        below = "Mean over a row's trials, bars one standard deviation. Large, joined: no row scores as well for less."
        title(figure, f"{primary} against cost: {summary.heading}", below)
        return save(figure, path)
