"""Log-cosh Dice loss: by hand, small losses to every digit, and Keras' log-cosh of the Dice loss."""

import keras
import numpy as np
import pytest

from ultraseg.losses import dice, log_cosh_dice


def test_by_hand():
    # probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0: Dice loss 1 - (2 * 5/4 + 1) / (4 + 1) = 0.3
    logits = np.log([3.0, 1.0, 1 / 3, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    assert float(log_cosh_dice(truth, logits)[0]) == pytest.approx(np.log((np.exp(0.3) + np.exp(-0.3)) / 2), rel=1e-5)


@pytest.mark.parametrize("over", ["image", "batch"])
def test_it_is_keras_log_cosh_of_dice(over):
    rng = np.random.default_rng(0)
    truth, logits = np.round(rng.random((3, 6, 5, 1))), rng.normal(0, 2, (3, 6, 5, 1)).astype(np.float32)
    loss = np.asarray(dice(truth, logits, over=over, smooth=0.5))
    theirs = keras.losses.log_cosh(np.zeros((3, 1), np.float32), loss[:, None])
    np.testing.assert_allclose(np.asarray(log_cosh_dice(truth, logits, over=over, smooth=0.5)), theirs, rtol=1e-4)


def test_a_small_loss_is_half_the_square_of_dice():
    # one pixel in 10000 missed: Dice loss 1 / 20000; cosh of it is 1 in float32
    truth = np.ones((1, 100, 100, 1), np.float32)
    logits = np.full_like(truth, 30.0)
    logits[0, 0, 0] = -30
    loss = 1 - (2 * 9999 + 1) / (10000 + 9999 + 1)
    assert float(log_cosh_dice(truth, logits)[0]) == pytest.approx(loss**2 / 2, rel=1e-2)
