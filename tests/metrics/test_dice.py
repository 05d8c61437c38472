"""Dice: by hand, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import dice

EMPTY, LESION = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]])


def test_by_hand():
    # hits 1, sizes 2 and 3
    assert dice(LESION, np.array([[0, 1, 1, 1, 0]])) == 2 * 1 / (2 + 3)


@pytest.mark.parametrize(("truth", "found", "score"), [(EMPTY, EMPTY, 1), (EMPTY, LESION, 0), (LESION, EMPTY, 0)])
def test_empty_masks(truth, found, score):
    assert dice(truth, found) == score
