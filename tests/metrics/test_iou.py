"""Intersection over union: by hand, the rule for empty masks, and its tie to Dice."""

import numpy as np
import pytest

from ultraseg.metrics import dice, iou

EMPTY, LESION = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]])


def test_by_hand():
    # hits 1, united 4
    assert iou(LESION, np.array([[0, 1, 1, 1, 0]])) == 1 / 4


@pytest.mark.parametrize(("truth", "found", "score"), [(EMPTY, EMPTY, 1), (EMPTY, LESION, 0), (LESION, EMPTY, 0)])
def test_empty_masks(truth, found, score):
    assert iou(truth, found) == score


def test_dice_follows_from_it():
    rng = np.random.default_rng(0)
    truth, found = (rng.random((2, 9, 9)) < 0.4).astype(np.uint8)
    overlap = iou(truth, found)
    assert dice(truth, found) == pytest.approx(2 * overlap / (1 + overlap))
