"""Filling of holes, by hand."""

import numpy as np

from ultraseg.postprocess import fill_holes


def test_by_hand():
    ring = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 0]], np.uint8)
    assert fill_holes(ring).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]]


def test_background_at_a_corner_is_enclosed_and_an_opening_is_not():
    diamond = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.uint8)
    assert fill_holes(diamond)[1, 1] == 1
    diamond[0, 1] = 0
    assert fill_holes(diamond)[1, 1] == 0
