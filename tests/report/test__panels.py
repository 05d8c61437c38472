"""By hand: which images are shown. By colour: what is drawn on them."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.report.folders import QUESTION, disk
from tests.report.test__curves import coloured
from ultraseg.report import _panels, leave
from ultraseg.report._style import ORANGE, SKY

TEN = [0.5, 0.0, 0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 1.0]
"""Eleven scores whose ranks 1, 3, 5, 7 and 9 (from 0) are 0.1, 0.3, 0.5, 0.7 and 0.9."""


def left(made, side=32, mask_side=32, count=1):
    """Leave grey images with a disk as truth, and draw the panels."""
    names = [f"image-{number}" for number in range(count)]
    images = [np.full((side, side, 1), 128, np.uint8)] * count
    leave(made.root, names, images, [disk(side=mask_side)] * count)
    return _panels.panels(made.summary(), made.root)


def test_images_stand_at_the_quantiles_of_the_first_trial_of_the_baseline(folder):
    made = folder(QUESTION + "baseline: {optimizer: adam}\n")
    made.put(0, 0, dice=list(reversed(TEN)))
    made.put(1, 0, dice=TEN)
    choice = _panels.choose(made.summary())
    assert (choice.index, choice.place) == (1, 0)
    assert choice.images == {0.1: "image-3", 0.3: "image-7", 0.5: "image-0", 0.7: "image-6", 0.9: "image-2"}


def test_of_a_loss_the_highest_is_the_worst(folder):
    made = folder(QUESTION + "primary: loss\n")
    made.put(0, 0, dice=TEN, losses=TEN)
    assert _panels.choose(made.summary()).images[0.1] == "image-2"


def test_an_image_is_shown_once_and_undefined_ones_never(folder):
    made = folder(QUESTION + "primary: auc\n")
    made.put(0, 0, dice=[0.1, 0.2, 0.3], auc=[None, 0.9, 0.8])
    assert list(_panels.choose(made.summary()).images.values()) == ["image-2", "image-1"]


def test_a_baseline_without_scores_gives_way_to_the_first_row_that_has_some(folder):
    made = folder()
    assert _panels.choose(made.summary()) is None
    made.put(0, 0, dice=[], outcome="diverged")
    made.put(1, 1, dice=[0.5])
    assert (_panels.choose(made.summary()).index, _panels.choose(made.summary()).place) == (1, 1)


def test_without_the_pixels_there_is_no_figure(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk()])
    assert _panels.panels(made.summary(), made.root) is None
    assert left(made) == made.root / "panels.png"


def test_a_prediction_is_outlined_and_an_empty_one_is_not(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk()])
    both = coloured(left(made), ORANGE)
    made.put(0, 0, dice=[0.5], predictions=[disk() // 3])
    assert both > 2 * coloured(left(made), ORANGE) > 0  # the legend is left


def test_a_threshold_of_one_half_is_outlined_from_128_up():
    axes = Figure().subplots()
    assert not _panels._contour(axes, np.full((8, 8), 127, np.uint8), (8, 8), SKY)
    assert _panels._contour(axes, np.full((8, 8), 128, np.uint8), (8, 8), SKY)


def test_masks_of_another_size_are_shown_at_theirs(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk(side=20)])
    assert left(made, side=32, mask_side=20).is_file()
    figure_axes = _figure_axes()
    note = _panels._line(figure_axes, made.root / "panels", "image-0", [made.summary().rows[0].trials[0]], "stretch")
    assert note == "Images are shown at 20x20 pixels, the size of the masks, not at the network's 32x32."
    assert figure_axes[0].get_images()[0].get_array().shape == (20, 20, 3)


@pytest.mark.parametrize(
    "place, words",
    [(0, ["Dice 0.50"]), (1, ["Dice 0.00, nothing found"]), (2, ["diverged"])],
)
def test_each_panel_says_how_good_it_is(folder, place, words):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk()])
    made.put(0, 1, dice=[0.0], predictions=[disk() // 3])
    made.put(0, 2, dice=[], outcome="diverged")
    left(made)
    axes = _figure_axes()
    _panels._line(axes, made.root / "panels", "image-0", [made.summary().rows[0].trials[place]], "stretch")
    assert [text.get_text() for text in axes[2].texts] == words


def test_a_trial_that_is_missing_or_tested_on_others_says_so(folder):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk()])
    left(made, count=2)
    for name, trial, words in (
        ("image-0", None, "not done"),
        ("image-1", made.summary().done[0], "not in its\ntest part"),
    ):
        axes = _figure_axes()
        _panels._line(axes, made.root / "panels", name, [trial], "stretch")
        assert [text.get_text() for text in axes[2].texts] == [words]


def test_of_too_many_rows_twelve_are_shown_by_rank_with_the_baseline(folder):
    rates = ", ".join(f"{rate}.0" for rate in range(1, 25))
    made = folder(
        f"title: Many\ncross: {{optimizer.learning_rate: [{rates}]}}\nbaseline: {{optimizer.learning_rate: 8.0}}\n"
    )
    for cell in range(24):
        made.put(cell, 0, dice=[cell / 24], predictions=[disk()])
    summary = made.summary()
    shown = [row.cell.label for row in _panels._shown(summary, _panels.choose(summary))]
    assert len(shown) == 12 and {"1.0", "8.0", "24.0"} <= set(shown)
    assert "12 of the table's 24 rows" in _panels._explain(summary, _panels.choose(summary), shown)


def _figure_axes():
    return list(Figure().subplots(1, 3))


def test_a_prediction_of_another_policy_lies_where_its_lesion_is():
    # an image of 40x80 pixels, letterboxed into 40x40: rows 10 to 30 of the picture are the image at half its size.
    # A lesion in image rows 8 to 24 and columns 16 to 32 lies in rows 14 to 22 and columns 8 to 16 of it, and, where
    # the image is stretched, in rows 8 to 24 and columns 8 to 16.
    boxed = np.zeros((40, 40), np.float32)
    boxed[14:22, 8:16] = 1
    stretched = _panels._reframed(boxed, (40, 80), "letterbox", "stretch") > 0.5
    rows, columns = np.flatnonzero(stretched.any(1)), np.flatnonzero(stretched.any(0))
    assert np.allclose([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1], [8, 24, 8, 16], atol=1)
    back = _panels._reframed(stretched.astype(np.float32), (40, 80), "stretch", "letterbox") > 0.5
    assert np.abs(back.astype(int) - boxed).mean() < 0.02 and not back[:10].any() and not back[30:].any()
