"""Recall: by hand, without a lesion, and its tie to precision and Dice."""

import numpy as np
import pytest

from ultraseg.metrics import dice, precision, recall

EMPTY, LESION = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]])


def test_by_hand():
    # of two lesion pixels, one is marked
    assert recall(LESION, np.array([[0, 1, 1, 1, 0]])) == 1 / 2


@pytest.mark.parametrize(("truth", "found", "score"), [(EMPTY, EMPTY, 1), (EMPTY, LESION, 0), (LESION, EMPTY, 0)])
def test_empty_masks(truth, found, score):
    assert recall(truth, found) == score


def test_it_is_the_precision_of_the_reversed_question_and_dice_is_their_harmonic_mean():
    rng = np.random.default_rng(0)
    truth, found = (rng.random((2, 9, 9)) < 0.4).astype(np.uint8)
    p, r = precision(truth, found), recall(truth, found)
    assert r == precision(found, truth)
    assert dice(truth, found) == pytest.approx(2 * p * r / (p + r))
