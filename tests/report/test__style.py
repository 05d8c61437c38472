"""By hand: a figure's title is wrapped to its width, and a PNG is whole."""

from matplotlib.figure import Figure

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
