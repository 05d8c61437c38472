"""By hand: which images are shown. By colour: what is drawn on them."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.report.folders import QUESTION, disk
from tests.report.test__curves import coloured
from ultraseg.report import _panels, leave
from ultraseg.report._style import ORANGE

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


def test_a_threshold_of_one_half_is_outlined_from_128_up(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.5], predictions=[np.full((32, 32), level, np.uint8) for level in (127, 128)])
    [trial] = made.summary().done
    sums = [_panels._measured(trial, place, (32, 32), "stretch")[0].sum() for place in (0, 1)]
    assert sums == [0, 32 * 32]


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
    [(0, "Dice 0.50"), (1, "Dice 0.00, nothing found"), (2, "diverged")],
)
def test_each_panel_says_how_good_it_is(folder, place, words):
    made = folder()
    made.put(0, 0, dice=[0.5], predictions=[disk()])
    made.put(0, 1, dice=[0.0], predictions=[disk() // 3], found=0)
    made.put(0, 2, dice=[], outcome="diverged")
    left(made)
    axes = _figure_axes()
    _panels._line(axes, made.root / "panels", "image-0", [made.summary().rows[0].trials[place]], "stretch")
    assert [text.get_text() for text in axes[2].texts] + [axes[2].get_xlabel()] in ([words, ""], [words])


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
    assert len(shown) == 12 and {f"learning_rate {rate}.0" for rate in (1, 8, 24)} <= set(shown)
    assert "12 of the table's 24 rows" in _panels._explain(summary, _panels.choose(summary), shown)


def _figure_axes():
    return list(Figure().subplots(1, 3))


def outlined(made, size=40, policy="stretch"):
    """The left, top, right and bottom of what is outlined in a picture of the policy; None where nothing is."""
    axes, image = Figure().subplots(), np.zeros((size, size, 3), np.uint8)
    [trial] = made.summary().done
    _panels._prediction(axes, image, np.zeros((size, size), np.uint8), "image-0", trial, policy)
    assert axes.get_xlim() == (-0.5, size - 0.5) and axes.get_ylim() == (size - 0.5, -0.5)
    points = [path.vertices for drawn in axes.collections for path in drawn.get_paths()]
    return [*points[0].min(0), *points[0].max(0)] if points else None


@pytest.mark.parametrize("shown", ["stretch", "letterbox"])
@pytest.mark.parametrize("own", ["stretch", "letterbox"])
def test_a_prediction_of_any_policy_lies_where_its_lesion_is(folder, own, shown):
    """An image of 40x80 pixels with a lesion in rows 8 to 24 and columns 16 to 32.

    Letterboxed into 40x40, rows 10 to 30 of the picture are the image at half its size and the lesion lies in rows 14
    to 22 and columns 8 to 16; where the image is stretched, in rows 8 to 24 and columns 8 to 16.
    """
    places = {"stretch": (8, 24), "letterbox": (14, 22)}
    picture = np.zeros((40, 40), np.uint8)
    picture[slice(*places[own]), 8:16] = 255
    steps = f"preprocess: [{{resize: {{policy: {own}}}}}, scale]"
    made = folder(QUESTION.replace("fixed: {epochs: 2}", f"fixed: {{epochs: 2, {steps}}}"))
    made.put(0, 0, dice=[0.5], predictions=[picture], amended=[{"height": 40, "width": 80}])
    top, bottom = places[shown]
    edges = np.array([8, top, 16, bottom]) - 0.5  # a pixel's middle has its number
    np.testing.assert_allclose(outlined(made, policy=shown), edges, atol=0.6)


def test_what_is_outlined_is_the_mask_that_was_measured(folder):
    """A dot that is lost on the way to the image's own size is not drawn, nor is what a step after the threshold drops.

    Of 32x32 pixels one is marked, which is none of 16x16: a fourth of its 200 is below half.
    """
    dot = np.zeros((32, 32), np.uint8)
    dot[8, 8] = 200
    made = folder(name="dot")
    made.put(0, 0, dice=[0.0], predictions=[dot], amended=[{"height": 16, "width": 16}])
    assert outlined(made) is None
    for share, drawn in ((0.5, False), (0.01, True)):
        steps = f"epochs: 2, postprocess: [{{minimum_area: {{share: {share}}}}}]"
        made = folder(QUESTION.replace("epochs: 2", steps), name=f"least {share}")
        made.put(0, 0, dice=[0.5], predictions=[disk()], amended=[{"height": 64, "width": 64}])
        assert (outlined(made) is not None) is drawn


def test_where_the_table_says_that_nothing_was_found_nothing_is_drawn(folder):
    """8 bits may round the flat answer of a network that learnt little over the threshold."""
    made = folder()
    made.put(0, 0, dice=[0.0], predictions=[np.full((32, 32), 128, np.uint8)], found=0)
    assert outlined(made) is None


def test_masks_of_the_networks_size_are_drawn_as_they_are(folder):
    """Measured on masks of 20x20, which fill the picture; that the picture is letterboxed is in them already."""
    mask = np.zeros((20, 20), np.uint8)
    mask[5:10, 5:15] = 255
    made = folder(QUESTION.replace("size: [32, 32]", "size: [32, 32], mask_size: [20, 20]"))
    made.put(0, 0, dice=[0.5], predictions=[mask], amended=[{"height": 20, "width": 20}])
    assert outlined(made, policy="letterbox") == [9.5, 9.5, 29.5, 19.5]


def test_a_header_is_broken_at_spaces_alone(folder):
    made = folder("title: Heads\ncross: {loss: [{focal_tversky: {miss: 0.75, power: 1.5}}, dice]}\n")
    long, short = (_panels._head(row) for row in made.summary().rows)
    row = replace(made.summary().rows[0].cell, at={"model": "TransferDeepLabV3Plus_with_a_tail, at a small size"})
    assert _panels._head(replace(made.summary().rows[0], cell=row)).splitlines() == [
        "TransferDeepLabV3Plus_with_a_tail,",
        "at a small size",
    ]
    assert short == "dice" and "".join(long.split()) == "".join(made.summary().rows[0].cell.label.split())
