"""The cross-entropy that Keras computes behind a softmax: by hand, and where it parts from the one on the softmax."""

import numpy as np
import pytest

from ultraseg.losses import bce, bce_behind_softmax

TRUTH = np.array([1.0, 0.0], np.float32).reshape(1, 1, 1, 2)


def loss(function, logits):
    return float(function(TRUTH, np.array(logits, np.float32).reshape(1, 1, 1, 2))[0])


def test_by_hand():
    # sigmoids of 2 and of -1: 0.8808 where 1 is true, 0.2689 where 0 is
    assert loss(bce_behind_softmax, [2, -1]) == pytest.approx(-(np.log(0.880797) + np.log(1 - 0.268941)) / 2, rel=1e-5)


def test_a_shift_that_a_softmax_does_not_see_changes_it():
    assert loss(bce, [2, -1]) == pytest.approx(loss(bce, [12, 9]), rel=1e-5)
    assert loss(bce_behind_softmax, [12, 9]) > 4 > loss(bce_behind_softmax, [2, -1])


def test_it_equals_bce_where_the_channels_are_opposites():
    assert loss(bce_behind_softmax, [1.5, -1.5]) == pytest.approx(loss(bce, [0.75, -0.75]), rel=1e-6)


def test_saturated_half_precision_is_exact():
    logits = np.array([-60000, 60000], np.float16).reshape(1, 1, 1, 2)
    assert float(bce_behind_softmax(TRUTH, logits)[0]) == pytest.approx(60000, rel=1e-3)
