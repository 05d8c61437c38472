"""Curves of all pixels: a picture where there is a measured trial, none before, and a damaged file by name."""

import numpy as np
import pytest

from tests.report.folders import disk
from ultraseg import records
from ultraseg.pixels import read_image
from ultraseg.report import _pixels
from ultraseg.report._pixels import pixels


def measured(folder):
    made = folder()
    for cell in (0, 1):
        trial = made.put(cell, 0, dice=[0.2, 0.6], predictions=[disk(4), disk(6)])
        ends, bins = np.array([0.0, 1.0]), np.array([np.nan, 0.5])
        parts = (ends, ends, ends, 1 - ends, bins, bins, np.array([0, 100]))
        np.savez_compressed(trial / "curves.npz", **dict(zip(records.CURVES, parts, strict=True)))
    return made


def test_a_picture_of_three_charts(folder, tmp_path):
    path = pixels(measured(folder).summary(), tmp_path / "pixels.png")
    height, width, _ = read_image(path, 3).shape
    assert width > 2 * height > 600


def test_what_is_no_line_is_told(folder, tmp_path, monkeypatch):
    """A row whose pixels fill a single bin is a dot; one whose trial diverged is nowhere."""
    monkeypatch.setattr(_pixels, "save", lambda figure, path: figure)
    made = measured(folder)
    figure = pixels(made.summary(), tmp_path / "pixels.png")
    words = " ".join(figure.get_suptitle().split())
    assert 'a trial with nearly all pixels in one bin: "sgd", "adam".' in words and "Not drawn" not in words
    assert [line.get_markersize() for line in figure.axes[2].lines[:2]] == [8, 8]
    made = folder(name="b")
    made.put(0, 0, dice=[0.2])
    made.put(1, 0, dice=[], outcome="diverged")
    words = " ".join(pixels(made.summary(), tmp_path / "pixels.png").get_suptitle().split())
    assert words.endswith('Not drawn, as no trial of theirs is measured: "adam".') and "one bin" not in words


def test_none_while_nothing_is_measured(folder, tmp_path):
    made = folder()
    made.put(0, 0, dice=[])
    assert pixels(made.summary(), tmp_path / "pixels.png") is None and not (tmp_path / "pixels.png").exists()


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"PK\x03\x04"), lambda path: path.unlink()])
def test_damaged_curves_are_named(folder, tmp_path, damage):
    made = measured(folder)
    damage(made.trials / made.names[1][0] / "curves.npz")
    with pytest.raises(ValueError, match=r"curves.npz: the curves are damaged; remove its folder and run the study"):
        pixels(made.summary(), tmp_path / "pixels.png")
