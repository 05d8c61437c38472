"""Curves are drawn for all that is done; what a line cannot show is marked."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.report.folders import QUESTION
from ultraseg import pixels
from ultraseg.report import _curves
from ultraseg.report._style import GREEN, ORANGE, VERMILION


def coloured(path, colour):
    """Count the pixels of one colour of the palette."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int(np.sum(np.abs(pixels.read_image(path, 3).astype(int) - wanted).max(-1) < 3))


def drawn(made):
    return _curves.curves(made.summary(), made.root / "curves.png")


def test_a_diverged_trial_is_marked_where_its_loss_ended(folder):
    well, ill = folder(name="a"), folder(name="b")
    well.put(0, 0, dice=[0.5])
    ill.put(0, 0, dice=[], outcome="diverged", history=[(0.5, 0.6, 0.3), (math.nan, None, None)])
    assert coloured(drawn(ill), VERMILION) > 0 == coloured(drawn(well), VERMILION)


def legend(made, monkeypatch):
    """The words of the legend, and the ticks of the epochs within the axes."""
    monkeypatch.setattr(_curves, "save", lambda figure, path: figure)
    figure = drawn(made)
    left, right = figure.axes[-1].get_xlim()
    ticks = [tick for tick in figure.axes[-1].get_xticks() if left <= tick <= right]
    return [text.get_text() for text in figure.legends[0].get_texts()], ticks


def test_the_legend_lists_what_is_drawn_and_epochs_are_whole(folder, monkeypatch):
    well, ill = folder(name="a"), folder(name="b")
    well.put(0, 0, dice=[0.5], history=[(0.5, 0.6, 0.3)])
    ill.put(0, 0, dice=[], outcome="diverged", history=[(0.5, None, None), (math.nan, None, None)])
    assert legend(well, monkeypatch) == (["training loss", "validation loss", "validation Dice", "epoch kept"], [1])
    assert legend(ill, monkeypatch) == (["training loss", "diverged"], [1, 2])


def test_a_row_of_short_trainings_has_epochs_of_its_own_and_what_was_not_validated_is_said(folder, monkeypatch):
    made = folder()
    made.put(0, 0, dice=[0.5], history=[(0.5, 0.6, 0.3)] * 4)
    made.put(1, 0, dice=[0.5], history=[(0.5, None, None)] * 12)
    monkeypatch.setattr(_curves, "save", lambda figure, path: figure)
    axes = drawn(made).axes
    assert [each.get_xlim()[1] for each in axes] == [4.5, 12.5] * 2
    assert [text.get_text() for each in axes[2:] for text in each.texts] == [
        "1 of 3 trials done",
        "1 of 3 trials done, no validation images",
    ]
    made.put(0, 0, dice=[0.5], history=[(0.5, 0.6, 0.3)] * 5)
    assert [each.get_xlim()[1] for each in drawn(made).axes] == [12.5] * 4


def test_a_loss_that_was_never_a_number_is_drawn_without_failing(folder):
    made = folder()
    made.put(0, 0, dice=[], outcome="diverged", history=[(math.nan, None, None)])
    assert drawn(made).is_file()


@pytest.mark.parametrize("epochs, marker", [(1, "."), (2, "None")])
def test_one_epoch_is_a_dot(folder, epochs, marker):
    made, axes = folder(), Figure().subplots()
    made.put(0, 0, dice=[0.5], history=[(0.5, 0.6, 0.3)] * epochs)
    _curves._line(axes, made.summary().done[0], "loss", "training loss")
    assert axes.lines[0].get_marker() == marker


def test_without_validation_there_is_no_panel_of_it(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], validation=0, history=[(0.5, None, None), (0.4, None, None)])
    assert coloured(drawn(made), GREEN) == coloured(drawn(made), ORANGE) == 0


def test_a_cell_of_which_nothing_is_done_has_an_empty_block(folder):
    one, two = folder(name="a"), folder(name="b")
    for made in (one, two):
        made.put(0, 0, dice=[0.5])
    two.put(1, 0, dice=[0.5])
    assert coloured(drawn(two), GREEN) > coloured(drawn(one), GREEN) > 0


def test_many_cells_make_a_grid(folder):
    made = folder("title: Many\ncross: {optimizer.learning_rate: [1.0, 2.0, 3.0, 4.0, 5.0]}\n")
    for cell in range(5):
        made.put(cell, 0, dice=[0.5])
    height, width, _ = pixels.read_image(drawn(made), 3).shape
    two = pixels.read_image(drawn(filled(folder)), 3).shape
    assert width > two[1] and height > 1.5 * two[0]


def filled(folder):
    made = folder(QUESTION, name="few")
    made.put(0, 0, dice=[0.5])
    return made


@pytest.mark.parametrize(
    "history, limits",
    [([(0.2, 0.9, 0.1)], (0.2, 0.9)), ([(0.3, None, None)], (0.0, 1.0)), ([(math.nan, None, None)], (0.0, 1.0))],
)
def test_limits_hold_both_losses_and_are_never_empty(folder, history, limits):
    made = folder()
    made.put(0, 0, dice=[0.5], history=history)
    assert _curves._limits(made.summary().done, ("loss", "val_loss")) == limits
