"""Report 001's Dice loss: by hand, the -1 that it reaches, and what it does to a small lesion."""

import numpy as np
import pytest

from ultraseg.losses import dice_reaching_minus_one


def value(truth, logits):
    return np.asarray(dice_reaching_minus_one(truth, np.asarray(logits, np.float32)))


def test_by_hand():
    # probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0: overlap 5/4, sizes 2 + 2
    logits = np.log([3.0, 1.0, 1 / 3, 1.0]).reshape(1, 2, 2, 1)
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    assert value(truth, logits) == pytest.approx([1 - 2 * (5 / 4 + 1) / (4 + 1)])


def test_an_empty_batch_left_empty_costs_minus_1_and_marking_it_costs_more():
    empty = np.zeros((2, 4, 4, 1), np.float32)
    assert value(empty, empty - 30) == pytest.approx([-1, -1], abs=1e-6)
    assert value(empty, empty + 30) == pytest.approx([1 - 2 / 33] * 2, abs=1e-6)


@pytest.mark.parametrize("lesion", [1, 4, 16])
def test_a_right_answer_costs_the_less_the_smaller_the_lesion(lesion):
    truth = np.zeros((1, 4, 4, 1), np.float32)
    truth.reshape(-1)[:lesion] = 1
    assert value(truth, 60 * truth - 30) == pytest.approx([-1 / (2 * lesion + 1)], rel=1e-5)


def test_every_image_has_the_batchs_loss():
    # 4 pixels found, and an empty image left empty: overlap 4, sizes 4 + 4
    truth = np.concatenate([np.ones((1, 2, 2, 1)), np.zeros((1, 2, 2, 1))]).astype(np.float32)
    assert value(truth, 60 * truth - 30) == pytest.approx([1 - 2 * (4 + 1) / (8 + 1)] * 2, rel=1e-5)
