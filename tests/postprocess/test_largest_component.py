"""The largest component, by hand."""

import numpy as np

from ultraseg.postprocess import largest_component


def test_by_hand():
    mask = np.array([[1, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 0]], np.uint8)
    # the two that touch at a corner are one part of two pixels
    assert largest_component(mask).tolist() == [[0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_of_equal_parts_the_uppermost_stays():
    assert largest_component(np.array([[0, 1], [0, 0], [1, 0]], np.uint8)).tolist() == [[0, 1], [0, 0], [0, 0]]
