"""Focal Tversky loss: by hand, the Tversky loss at power 1, and a slope that stays finite at the right answer."""

import numpy as np
import pytest
import tensorflow as tf

from ultraseg.losses import focal_tversky, tversky

# probabilities 3/4, 1/2, 1/2, 1/2 and truth 1, 1, 0, 0: hit 5/4, missed 3/4, falsely marked 1
LOGITS = np.log([3.0, 1.0, 1.0, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
TRUTH = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)


def test_by_hand():
    loss = 1 - (1.25 + 1) / (1.25 + 0.7 * 0.75 + 0.3 * 1 + 1)
    assert float(focal_tversky(TRUTH, LOGITS)[0]) == pytest.approx(loss ** (3 / 4), rel=1e-5)
    assert float(focal_tversky(TRUTH, LOGITS, power=2.0)[0]) == pytest.approx(loss**2, rel=1e-5)


def test_the_power_is_taken_of_every_channel():
    # softmax over (0, z) is sigmoid(z): the background hits 1/2 + 1/2, misses 1, falsely marks 3/4
    lesion, background = 1 - 2.25 / (2.25 + 0.525 + 0.3), 1 - 2 / (2 + 0.7 * 1 + 0.3 * 0.75)
    found = focal_tversky(np.concatenate([1 - TRUTH, TRUTH], -1), np.concatenate([0 * LOGITS, LOGITS], -1))
    assert float(found[0]) == pytest.approx((lesion**0.75 + background**0.75) / 2, rel=1e-5)


def test_at_power_1_it_is_tversky():
    ours, theirs = focal_tversky(TRUTH, LOGITS, power=1.0, miss=0.4), tversky(TRUTH, LOGITS, miss=0.4)
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-6)


@pytest.mark.parametrize("sure", [8.0, 16.0, 30.0, 200.0])
def test_near_the_right_answer_loss_and_slope_are_finite_and_small(sure):
    logits = tf.Variable(sure * (2 * TRUTH - 1))
    with tf.GradientTape() as tape:
        loss = focal_tversky(TRUTH, logits)
    slope = tape.gradient(loss, logits).numpy()
    assert np.isfinite(slope).all() and np.abs(slope).max() < 0.01
    # two missed and two marked by exp(-sure) each, over 3; its power, or the line below 1e-7. A probability near 1
    # is right to 6e-8 in float32, which the slope there makes 1e-6
    wrong = 2 * (0.7 + 0.3) * np.exp(-sure) / 3
    expected = wrong**0.75 if wrong > 1e-7 else wrong * 1e-7**-0.25
    assert float(loss[0]) == pytest.approx(expected, rel=1e-2, abs=1e-6)


@pytest.mark.parametrize("option", ["miss", "alarm", "power"])
def test_options_must_be_positive(option):
    with pytest.raises(ValueError, match="focal_tversky: miss, alarm and power must be above 0, got .*0.0"):
        focal_tversky(TRUTH, LOGITS, **{option: 0.0})
