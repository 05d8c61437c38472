"""Pixel accuracy: by hand, and what an empty mask makes of it."""

import numpy as np

from ultraseg.metrics import accuracy

LESION = np.array([[1, 1, 0, 0, 0]])


def test_by_hand():
    assert accuracy(LESION, np.array([[1, 0, 1, 0, 0]])) == 3 / 5


def test_all_background_scores_one_minus_the_lesions_share():
    assert accuracy(LESION, np.zeros_like(LESION)) == 3 / 5
    assert accuracy(np.zeros((2, 2)), np.zeros((2, 2))) == 1
