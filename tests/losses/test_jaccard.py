"""Jaccard loss: by hand, per image and per batch, and its place beside Dice."""

import numpy as np
import pytest

from ultraseg.losses import dice, jaccard

# probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0: overlap 5/4, union 2 + 2 - 5/4 = 11/4
LOGITS = np.log([3.0, 1.0, 1 / 3, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
TRUTH = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)


def test_by_hand():
    assert float(jaccard(TRUTH, LOGITS)[0]) == pytest.approx(1 - (5 / 4 + 1) / (11 / 4 + 1), rel=1e-6)
    assert float(jaccard(TRUTH, LOGITS, smooth=1e-6)[0]) == pytest.approx(1 - 5 / 11, rel=1e-5)


def test_channels_are_averaged():
    # softmax over (0, z) is sigmoid(z); two pixels more of sure background: its overlap 5/4 + 2, its union 11/4 + 2
    logits = np.concatenate([LOGITS, np.full((1, 1, 2, 1), -30.0, np.float32)], axis=1)
    truth = np.concatenate([TRUTH, np.zeros((1, 1, 2, 1), np.float32)], axis=1)
    found = jaccard(np.concatenate([1 - truth, truth], -1), np.concatenate([0 * logits, logits], -1))
    assert float(found[0]) == pytest.approx(1 - ((9 / 4) / (15 / 4) + (17 / 4) / (23 / 4)) / 2, rel=1e-6)


def test_over_the_batch():
    # the first is right, 4 pixels; the second, empty, has 4 marked: overlap 4, union 8
    large = np.ones((1, 2, 2, 1), np.float32)
    truth, logits = np.concatenate([large, 0 * large]), np.concatenate([30 * large, 30 * large])
    assert np.asarray(jaccard(truth, logits)) == pytest.approx([0, 1 - 1 / 5], abs=1e-6)
    assert np.asarray(jaccard(truth, logits, over="batch")) == pytest.approx([1 - 5 / 9] * 2, abs=1e-6)


def test_without_smoothing_jaccard_and_dice_name_the_same_overlap():
    # J = D / (2 - D), as indices
    dice_index, jaccard_index = (1 - float(loss(TRUTH, LOGITS, smooth=1e-6)[0]) for loss in (dice, jaccard))
    assert jaccard_index == pytest.approx(dice_index / (2 - dice_index), rel=1e-5)
