"""By hand: a figure's title and legend fit its width, rows look unlike each other, and a PNG is whole."""

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ultraseg import pixels
from ultraseg.report import _style


def test_a_title_is_wrapped_to_the_width():
    figure = Figure(figsize=(2, 2))
    _style.title(figure, "one two three four five six seven", "and more")
    assert figure.get_suptitle() == "one two three four five six\nseven\nand more"


def test_save_writes_an_image_and_nothing_else(tmp_path):
    _style.save(Figure(figsize=(2, 1)), tmp_path / "figure.png")
    assert pixels.read_image(tmp_path / "figure.png", 3).shape == (_style.DPI, 2 * _style.DPI, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_a_figure_grows_by_the_lines_of_its_title_beyond_two():
    for words, height in (("one", 2), ("one two three four five six seven", 2 + 0.15)):
        figure = Figure(figsize=(2, 2))
        _style.title(figure, words, "and more")
        assert figure.get_figheight() == pytest.approx(height)


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (["UNet", "PAN", "FPN"], 3),
        ([f"TransferDeepLabV3Plus, ResNet50, log_cosh_dice {place}" for place in range(5)], 2),
        ([f"{'a long word ' * 7}{place}" for place in range(3)], 1),
        (["so long that no line holds it " * 5, "short"], 2),
    ],
)
def test_a_legend_fits_the_width_in_as_few_lines_as_it_can(labels, columns):
    figure = Figure(figsize=(7.5, 3))
    _style.legend(figure, [Line2D([], []) for _ in labels], labels)
    [drawn] = figure.legends
    extent = drawn.get_window_extent()
    assert drawn._ncols == columns and extent.width <= figure.bbox.width
    assert figure.get_figheight() == pytest.approx(3 + extent.height / figure.dpi)


def test_no_two_of_28_rows_look_alike():
    looks = [_style.row_look(number) for number in range(28)]
    assert (
        len({(colour, line) for colour, line, _ in looks}) == len({(colour, mark) for colour, _, mark in looks}) == 28
    )
    assert _style.row_look(28) == looks[0]
