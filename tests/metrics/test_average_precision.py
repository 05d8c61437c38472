"""Average precision: by hand, ties, and one class alone."""

import math

import numpy as np
import pytest

from ultraseg.metrics import average_precision

TRUTH = np.array([[0, 0, 1, 1]])


def test_by_hand():
    # at 0.9 one of one is lesion; at 0.4 two of three
    assert average_precision(TRUTH, np.array([[0.1, 0.6, 0.4, 0.9]])) == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_a_tie_is_marked_together():
    # at 0.9 one of one; at 0.5 two of three, whichever of the tied comes first
    assert average_precision(TRUTH, np.array([[0.1, 0.5, 0.5, 0.9]])) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert average_precision(TRUTH, np.full((1, 4), 0.3)) == 2 / 4


def test_one_class_alone():
    assert math.isnan(average_precision(np.zeros((2, 2)), np.full((2, 2), 0.5)))
    assert average_precision(np.ones((2, 2)), np.array([[0.1, 0.2], [0.2, 0.9]])) == 1
