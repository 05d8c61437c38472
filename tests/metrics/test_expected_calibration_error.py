"""Calibration error: by hand, where bins end, and against scikit-learn's calibration curve."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from ultraseg.metrics import expected_calibration_error


def test_by_hand():
    # bins of 1/15: 0.5 and 0.52 share one, where half is lesion; 0.9 is alone and none
    truth, p = np.array([[1, 0, 0, 0]]), np.array([[0.5, 0.52, 0.9, 0]])
    assert expected_calibration_error(truth, p) == pytest.approx((2 * abs(0.5 - 0.51) + abs(0 - 0.9) + 0) / 4)


def test_a_bin_holds_its_upper_end():
    # 0.2 ends the third bin, which holds 0.19 too; the gaps cancel there: 0.19 + 0.2 against one lesion pixel
    truth = np.array([[1, 0]])
    assert expected_calibration_error(truth, np.array([[0.19, 0.2]])) == pytest.approx(abs(1 - 0.39) / 2)
    assert expected_calibration_error(truth, np.array([[0.201, 0.2]])) == pytest.approx((1 - 0.201 + 0.2) / 2)


def test_it_is_scikit_learns_curve_weighted_by_pixels():
    rng = np.random.default_rng(0)
    p = rng.random((40, 50)).astype(np.float32) ** 3
    truth = (rng.random(p.shape) < np.sqrt(p)).astype(np.uint8)
    share, mean = calibration_curve(truth.ravel(), p.ravel().astype(np.float64), n_bins=15)
    pixels = np.histogram(p, bins=15, range=(0, 1))[0]
    expected = (np.abs(share - mean) * pixels[pixels > 0]).sum() / p.size
    assert expected > 0.1
    assert expected_calibration_error(truth, p) == pytest.approx(expected, abs=1e-6)
