"""Figures of a study's statistics: marginal means of a crossed study, and the critical differences of its ranks."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from ultraseg.report._findings import Findings
from ultraseg.report._style import COLOURS, STYLE, save, title
from ultraseg.report._summary import Summary
from ultraseg.report._words import SHARES

LETTERS = 34
"""As many letters have room beneath a panel side by side."""


def effects(summary: Summary, findings: Findings, path: Path) -> Path | None:
    """Draw the marginal means of every axis and of every pair of axes; None for a study that is not crossed."""
    found = findings.effects
    if found is None or not np.isfinite(found.margins["mean"]).any():
        return None
    terms = list(dict.fromkeys(found.margins["term"]))
    with rc_context(STYLE):
        columns = min(3, len(terms))
        lines = -(-len(terms) // columns)
        figure = Figure(figsize=(2.6 * columns + 0.6, 2.1 * lines + 0.7))
        grid = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
        for axes, term in zip(grid, terms, strict=False):
            axis_names = term.split(" x ")
            order = {axis: list(dict.fromkeys(row.cell.at[axis] for row in findings.used)) for axis in axis_names}
            _term(axes, found.margins[found.margins["term"] == term], order)
            axes.set_title(term, loc="left")
            axes.set_ylabel(summary.outline.primary)
        for axes in grid[len(terms) :]:
            axes.set_visible(False)
        if summary.outline.primary in SHARES:
            bottom, top = grid[0].get_ylim()
            grid[0].set_ylim(max(bottom, 0), min(top, 1))
        beside = sum(max(map(_legend_width, grid[column::columns])) for column in range(columns))
        figure.set_figwidth(figure.get_figwidth() + beside)
        title(
            figure,
            f"Marginal means: {summary.heading}",
            "Each level with all levels of the other axes weighing alike; bars are 95 % intervals over groups of "
            "images, which neighbours share, so that they may overlap where a difference is sure.",
        )
        return save(figure, path)


def ranks(summary: Summary, findings: Findings, path: Path) -> Path | None:
    """Draw the critical-difference diagram; None where fewer than three rows were ranked or no test was made."""
    found = findings.ranks
    if found is None or np.isnan(found.friedman):
        return None
    with rc_context(STYLE):
        longest = max(map(len, found.mean.index))
        figure = Figure(figsize=(max(7.5, 3.5 + 0.13 * longest), 1.6 + 0.16 * len(found.mean)))
        figure.get_layout_engine().set(w_pad=0.1)
        found.draw(figure.subplots())
        title(
            figure,
            f"Mean ranks of {summary.outline.primary}: {summary.heading}",
            f"1 is best, over {found.groups} groups of images, of these trained networks; a bar joins rows that "
            "Nemenyi's test does not part.",
        )
        return save(figure, path)


def _term(axes, margins, order) -> None:
    """One axis as points with bars, two as a line per level of the second; levels in the study's order."""
    first, *second = order
    levels = order[first]
    margins = margins.sort_values(first, key=lambda names: names.map(levels.index))
    parts = [(level, margins[margins[axis] == level]) for axis in second for level in order[axis]] or [(None, margins)]
    for number, (label, part) in enumerate(parts):
        at = [levels.index(level) + 0.08 * (number - (len(parts) - 1) / 2) for level in part[first]]
        ends = np.abs(part[["low", "high"]].to_numpy().T - part["mean"].to_numpy())
        colour = COLOURS[number % len(COLOURS)]
        axes.errorbar(
            at, part["mean"], ends, marker="o", markersize=3.5, linewidth=0.9, capsize=2, color=colour, label=label
        )
    room = max(8, LETTERS // len(levels))
    names = [textwrap.fill(level, room, break_long_words=False) for level in levels]
    crowded = max(len(line) for name in names for line in name.splitlines()) > room
    axes.set_xticks(range(len(levels)), names, rotation=20 if crowded else 0)
    axes.set_xlim(-0.4, len(levels) - 0.6)
    if second:
        axes.legend(title=second[0], fontsize=7, title_fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))


def _legend_width(axes) -> float:
    """Inches that a legend takes beside its axes; 0 without one."""
    legend = axes.get_legend()
    return legend.get_window_extent().width / axes.figure.dpi if legend else 0.0
