"""The figures of an audit's page: how large the lesions are, and how random splits leak.

Source: Okabe and Ito, 2008, "Color universal design", for the colours.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ultraseg.audit._extent import Extent

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")
STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
MOST = 5
"""Components that have a bar of their own."""


def sizes_figure(extents: Sequence[Extent]) -> Figure | None:
    """Draw lesion sizes by label: share of the image, components, bounding boxes; None where nothing is marked."""
    marked = [extent for extent in extents if extent.box]
    if not marked:
        return None
    labels = [label for label, _ in Counter(extent.label for extent in marked).most_common()]
    by_label = [[extent for extent in marked if extent.label == label] for label in labels]
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(labels))]
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 2.8))
        shares, components, boxes = figure.subplots(1, 3)
        values = [[100 * extent.share for extent in own] for own in by_label]
        shares.hist(values, bins=20, stacked=True, color=colours, label=labels)
        shares.set(xlabel="share of the image, %", ylabel="images")
        shares.legend(title=None)
        counts = np.arange(1, MOST + 1)
        below = np.zeros(MOST)
        for own, colour in zip(by_label, colours, strict=True):
            tally = Counter(min(extent.components, MOST) for extent in own)
            heights = np.array([tally[int(count)] for count in counts], float)
            components.bar(counts, heights, bottom=below, color=colour)
            below += heights
        ticks = [str(count) for count in counts[:-1]] + [f"{MOST} or more"]
        components.set(xlabel="components", ylabel="images", xticks=counts, xticklabels=ticks)
        _boxes(boxes, by_label, colours)
    return figure


def draws_figure(draws: Sequence[float]) -> Figure | None:
    """Draw the share of test images with a twin in training over random splits; None without any."""
    if not draws:
        return None
    with rc_context(STYLE):
        figure = Figure(figsize=(4.5, 2.6))
        axes = figure.subplots()
        percent = 100 * np.asarray(draws)
        axes.hist(percent, bins=15, range=(0, max(1, percent.max())), color=COLOURS[0])
        axes.axvline(percent.mean(), color=COLOURS[1])
        axes.set(xlabel="test images with a twin in training, %", ylabel="random splits", xlim=(0, None))
        axes.set_title(f"mean {percent.mean():.1f} %", fontsize=8, loc="left")
    return figure


def _boxes(axes: Axes, by_label: list[list[Extent]], colours: list[str]) -> None:
    for own, colour in zip(by_label, colours, strict=True):
        sides = [(100 * e.box[3] / e.width, 100 * e.box[2] / e.height) for e in own if e.box]
        axes.scatter(*zip(*sides, strict=True), s=5, color=colour, alpha=0.5, linewidths=0)
    axes.set(xlabel="width of the bounding box, %", ylabel="height, %", xlim=(0, 102), ylim=(0, 102))
