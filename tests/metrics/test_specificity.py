"""Specificity: by hand, without background, and that it is the recall of the background."""

import numpy as np
import pytest

from ultraseg.metrics import recall, specificity

EMPTY, LESION, FULL = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]]), np.ones((1, 5))


def test_by_hand():
    # of three background pixels, two are left alone
    assert specificity(LESION, np.array([[0, 1, 1, 0, 0]])) == 2 / 3


@pytest.mark.parametrize(
    ("truth", "found", "score"),
    [
        (FULL, FULL, 1),
        (FULL, LESION, 0),
        (FULL, EMPTY, 0),
        (EMPTY, EMPTY, 1),
        (EMPTY, LESION, 3 / 5),
        (LESION, EMPTY, 1),
    ],
)
def test_empty_and_full_masks(truth, found, score):
    assert specificity(truth, found) == score
    assert specificity(truth, found) == recall(1 - truth, 1 - found)
