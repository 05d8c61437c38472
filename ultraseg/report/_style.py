"""The look of the report's figures: colours that colour-blind readers tell apart, sizes, and writing a PNG whole.

Source: Okabe and Ito, 2008, "Color universal design", for the palette.
"""

import textwrap
from pathlib import Path

from matplotlib.figure import Figure

from ultraseg import atomic

BLUE, ORANGE, GREEN, SKY, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#7A7A7A"
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


def title(figure: Figure, heading: str, below: str) -> None:
    """Write the heading and one explaining sentence over a figure, wrapped to its width."""
    letters = int(figure.get_figwidth() * 14)
    lines = [*textwrap.wrap(heading, letters), *textwrap.wrap(below, letters)]
    figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left")


def save(figure: Figure, path: Path) -> Path:
    """Write a PNG, whole or not at all."""
    with atomic.file(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
    return path
