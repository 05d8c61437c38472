"""The look of the report's figures: colours that colour-blind readers tell apart, words that fit, a PNG written whole.

Source: Okabe and Ito, 2008, "Color universal design", for the palette.
"""

import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from ultraseg import atomic

BLUE, ORANGE, GREEN, SKY, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#7A7A7A"
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, SKY, "#CC79A7", "#000000")
LINES, MARKERS = ("-", "--", "-.", ":"), ("o", "s", "^", "D")
"""What tells rows apart once the colours come round again."""
STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.use": True,
}
DPI = 150


def row_look(number: int) -> tuple[str, str, str]:
    """The colour, line and marker of a table's row by its number; no two of 28 are alike."""
    again, colour = divmod(number, len(COLOURS))
    return COLOURS[colour], LINES[again % len(LINES)], MARKERS[again % len(MARKERS)]


def title(figure: Figure, heading: str, below: str) -> None:
    """Write the heading and some explaining words over a figure, wrapped to its width.

    A figure has room for two lines; for more it grows.
    """
    letters = int(figure.get_figwidth() * 14)
    lines = [*textwrap.wrap(heading, letters), *textwrap.wrap(below, letters)]
    figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left")
    _grow(figure, 0.15 * max(0, len(lines) - 2))


def legend(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Write a legend beneath a figure, in as few lines as its width allows; the figure grows by its height."""
    words = [textwrap.fill(label, int(figure.get_figwidth() * 14)) for label in labels]
    for lines in range(1, len(words) + 1):
        columns = -(-len(words) // lines)
        drawn = figure.legend(handles, words, loc="outside lower left", ncols=columns, fontsize=7, borderaxespad=0.2)
        extent = drawn.get_window_extent()
        if extent.width <= figure.bbox.width or columns == 1:
            break
        drawn.remove()
    _grow(figure, extent.height / figure.dpi)


def _grow(figure: Figure, inches: float) -> None:
    figure.set_figheight(figure.get_figheight() + inches)


def save(figure: Figure, path: Path) -> Path:
    """Write a PNG, whole or not at all."""
    with atomic.file(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
    return path
