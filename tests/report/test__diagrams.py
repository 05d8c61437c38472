"""A figure is drawn where there is something to draw, and by its colours shows every level; otherwise there is none."""

from dataclasses import replace

import pytest

from tests.report.test__curves import coloured
from ultraseg import pixels
from ultraseg.report import _diagrams
from ultraseg.report._findings import find
from ultraseg.report._style import BLUE, GREEN, ORANGE

HOLDOUT = "data: {split: {holdout: {}}}\n"
FACTORS = f"title: Crossed\n{HOLDOUT}cross: {{optimizer: [sgd, adam], loss: [bce, kld], seed: [0, 1]}}\n"
THREE = f"title: Three\n{HOLDOUT}cross: {{optimizer.learning_rate: [1.0, 2.0, 3.0], seed: [0]}}\n"
DICE = [0.10, 0.15, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60]


def filled(made, *more, seeds, images=8):
    """Give all trials of each row the same scores, so much better than DICE, the easy images more so."""
    for cell, better in enumerate(more):
        for place in range(seeds):
            made.put(cell, place, dice=[dice + better * (1 + dice) for dice in DICE[:images]])
    return made


def drawn(made, draw):
    summary = made.summary()
    return draw(summary, find(summary), made.root / "figure.png")


def test_marginal_means_are_drawn_for_every_axis_and_pair(folder):
    path = drawn(filled(folder(FACTORS), 0.0, 0.1, 0.2, 0.3, seeds=2), _diagrams.effects)
    height, width, _ = pixels.read_image(path, 3).shape
    assert path.name == "figure.png" and width > 2 * height > 500  # three panels in a line
    assert coloured(path, BLUE) > 1.5 * coloured(path, ORANGE) > 0  # the second level of the pair's panel alone
    assert coloured(path, GREEN) == 0


def test_the_legend_stands_beside_its_axes_which_end_where_the_measure_does(folder, monkeypatch):
    monkeypatch.setattr(_diagrams, "save", lambda figure, path: figure)
    figure = drawn(filled(folder(FACTORS), 0.0, 0.1, 0.2, 0.3, seeds=2), _diagrams.effects)
    figure.draw_without_rendering()
    [axes] = [axes for axes in figure.axes if axes.get_legend()]
    box = axes.get_legend().get_window_extent()
    assert box.x0 >= axes.get_window_extent().x1 and box.x1 <= figure.bbox.width
    low, high = axes.get_ylim()
    assert 0 <= low < high <= 1


@pytest.mark.parametrize("steps", ["flip, brightness, contrast, rotation", "rotation"])
def test_names_of_levels_stand_beneath_their_panel_side_by_side(folder, monkeypatch, steps):
    monkeypatch.setattr(_diagrams, "save", lambda figure, path: figure)
    made = folder(FACTORS.replace("loss: [bce, kld]", f"augment: [[], [{steps}]]"))
    figure = drawn(filled(made, 0.0, 0.1, 0.2, 0.3, seeds=2), _diagrams.effects)
    figure.draw_without_rendering()
    [axes] = [axes for axes in figure.axes if axes.get_title(loc="left") == "augment"]
    one, other = axes.get_xticklabels()
    assert one.get_rotation() == other.get_rotation() == 0
    assert one.get_window_extent().x1 < other.get_window_extent().x0


def test_an_interval_beyond_the_measures_range_takes_no_axis_there(folder, monkeypatch):
    monkeypatch.setattr(_diagrams, "save", lambda figure, path: figure)
    made = folder(FACTORS)
    for cell in range(4):
        for place in range(2):
            made.put(cell, place, dice=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02 * cell, 0.9])
    assert find(made.summary()).effects.margins["low"].min() < 0
    assert drawn(made, _diagrams.effects).axes[0].get_ylim()[0] == 0


@pytest.mark.parametrize("more", [(0.0, 0.1), (0.0,)])
def test_a_study_with_one_axis_that_varies_has_no_marginal_means(folder, more):
    made = filled(folder(FACTORS), *more, seeds=2)
    assert drawn(made, _diagrams.effects) is None
    assert not (made.root / "figure.png").exists()


def test_without_a_fit_there_are_no_marginal_means(folder):
    made = filled(folder(FACTORS), 0.0, 0.0, 0.0, 0.0, seeds=2)
    assert find(made.summary()).effects.margins["mean"].isna().all()
    assert drawn(made, _diagrams.effects) is None


def test_three_rows_have_a_diagram_of_ranks(folder):
    path = drawn(filled(folder(THREE), 0.0, 0.2, 0.1, seeds=1), _diagrams.ranks)
    height, width, _ = pixels.read_image(path, 3).shape
    assert width > 2 * height > 300
    assert coloured(path, "#000000") > 0


def test_labels_of_any_length_leave_the_axis_of_ranks_room(folder, monkeypatch):
    monkeypatch.setattr(_diagrams, "save", lambda figure, path: figure)
    made = filled(folder(THREE), 0.0, 0.2, 0.1, seeds=1)
    summary = made.summary()
    names = [f"{'so long a label ' * 4}{place}" for place in range(3)]
    rows = [replace(row, cell=replace(row.cell, label=name)) for row, name in zip(summary.rows, names, strict=True)]
    summary = replace(summary, rows=tuple(rows))
    figure = _diagrams.ranks(summary, find(summary), made.root / "figure.png")
    figure.draw_without_rendering()
    extents = [text.get_window_extent() for text in figure.axes[0].texts]
    assert figure.axes[0].get_window_extent().width > 2 * figure.dpi
    assert all(box.x0 > 0 and box.x1 < figure.bbox.width for box in extents)


@pytest.mark.parametrize("more, images", [((0.0, 0.2), 8), ((0.0, 0.2, 0.1), 5)])
def test_two_rows_and_too_few_images_have_none(folder, more, images):
    made = filled(folder(THREE), *more, seeds=1, images=images)
    assert drawn(made, _diagrams.ranks) is None
    assert not (made.root / "figure.png").exists()
