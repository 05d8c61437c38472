"""Hausdorff loss by distance transforms: by hand, without an outline, and what the power does."""

import numpy as np
import pytest
import tensorflow as tf

from ultraseg.losses import hausdorff_dt


def value(truth, logits, **options):
    return float(hausdorff_dt(np.asarray(truth, np.float32), np.asarray(logits, np.float32), **options)[0])


def test_by_hand():
    # a row of 4 pixels: the lesion is the first, found are the first and the last. Distances to the other side:
    # truth 1, 1, 2, 3; found 1, 1, 1, 1. Only the last pixel is wrong; the diagonal squared is 17
    truth = np.array([1, 0, 0, 0]).reshape(1, 1, 4, 1)
    logits = np.array([30, -30, -30, 30]).reshape(1, 1, 4, 1)
    assert value(truth, logits) == pytest.approx((9 + 1) / 17 / 4, rel=1e-5)
    assert value(truth, logits, alpha=1.0) == pytest.approx((3 + 1) / np.sqrt(17) / 4, rel=1e-5)
    # unsure of it by a third: the square of the error is 4/9
    logits = np.array([30, -30, -30, np.log(2)]).reshape(1, 1, 4, 1)
    assert value(truth, logits) == pytest.approx(4 / 9 * (9 + 1) / 17 / 4, rel=1e-5)


def test_without_an_outline_every_pixel_is_a_diagonal_away():
    empty, everywhere = np.zeros((1, 3, 4, 1)), np.full((1, 3, 4, 1), 30.0)
    assert value(empty, everywhere) == pytest.approx(1 + 1, rel=1e-6)  # the prediction has no outline either
    one = np.full((1, 3, 4, 1), -30.0)
    one[0, 0, 0] = 30
    # one pixel of 12 is wrong, a diagonal from the truth's outline and a pixel from its own
    assert value(empty, one) == pytest.approx((1 + 1 / 25) / 12, rel=1e-5)
    # a lesion of one pixel that is missed
    assert value(one > 0, -everywhere) == pytest.approx((1 / 25 + 1) / 12, rel=1e-5)


def test_the_gradient_knows_nothing_of_the_distances():
    # twice the error times its slope times the field, over the pixels
    truth = np.array([1, 0, 0, 0], np.float32).reshape(1, 1, 4, 1)
    logits = tf.Variable(np.array([30, -30, -30, np.log(2)], np.float32).reshape(1, 1, 4, 1))
    with tf.GradientTape() as tape:
        loss = hausdorff_dt(truth, logits)
    expected = 2 * (2 / 3) * (2 / 3 * 1 / 3) * (9 + 1) / 17 / 4
    assert tape.gradient(loss, logits).numpy().ravel() == pytest.approx([0, 0, 0, expected], abs=1e-7)


def test_a_far_error_costs_more_than_a_near_one_and_the_more_the_larger_the_power():
    truth = np.zeros((1, 16, 16, 1))
    truth[0, :2] = 1
    near, far = 60 * truth - 30, 60 * truth - 30
    near[0, 3, 8], far[0, 15, 8] = 30, 30
    ratio = [value(truth, far, alpha=alpha) / value(truth, near, alpha=alpha) for alpha in (1.0, 2.0)]
    assert ratio == pytest.approx([(14 + 1) / (2 + 1), (14**2 + 1) / (2**2 + 1)], rel=1e-4)


def test_the_power_must_be_positive():
    with pytest.raises(ValueError, match="hausdorff_dt: alpha must be above 0, got 0.0"):
        value(np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 1)), alpha=0.0)
