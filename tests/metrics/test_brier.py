"""Brier score: by hand, and an empty image."""

import numpy as np
import pytest

from ultraseg.metrics import brier


def test_by_hand():
    truth, p = np.array([[0, 1, 1, 0]]), np.array([[0.5, 0.75, 0, 0]])
    assert brier(truth, p) == pytest.approx((0.25 + 0.0625 + 1 + 0) / 4)


def test_an_empty_image_is_no_special_case():
    assert brier(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert brier(np.zeros((2, 2)), np.full((2, 2), 0.5, np.float16)) == 0.25


def test_it_is_summed_in_float64():
    p = np.full((1500, 1500), 0.1, np.float32)
    assert brier(np.zeros(p.shape, np.uint8), p) == pytest.approx(float(np.float32(0.1)) ** 2, rel=1e-12)
