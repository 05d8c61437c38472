"""Precision: by hand, and where nothing is marked."""

import numpy as np
import pytest

from ultraseg.metrics import precision

EMPTY, LESION = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]])


def test_by_hand():
    # of three marked, one is lesion
    assert precision(LESION, np.array([[0, 1, 1, 1, 0]])) == 1 / 3


@pytest.mark.parametrize(("truth", "found", "score"), [(EMPTY, EMPTY, 1), (EMPTY, LESION, 0), (LESION, EMPTY, 0)])
def test_empty_masks(truth, found, score):
    assert precision(truth, found) == score
