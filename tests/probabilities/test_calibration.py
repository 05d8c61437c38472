"""The sums behind calibration: by hand, and that every probability falls into its bin."""

import numpy as np
import pytest

from ultraseg.probabilities import calibrate


def test_by_hand():
    truth, p = np.array([[1, 0, 0, 1]]), np.array([[0.5, 0.52, 0, 1]])
    sums = calibrate(truth, p)
    assert sums.pixels.tolist() == [1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1]
    assert sums.lesion.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert sums.probabilities[7] == pytest.approx(1.02) and sums.probabilities.sum() == pytest.approx(2.02)
    assert sums.squares == pytest.approx(0.25 + 0.52**2)


def test_a_bin_is_open_below_and_closed_above():
    ends = np.array([[3 / 15, np.nextafter(3 / 15, 1), 14 / 15, 1.0, 1e-300, 0.0]])
    pixels = calibrate(np.zeros(ends.shape), ends).pixels
    assert np.flatnonzero(pixels).tolist() == [0, 2, 3, 13, 14] and pixels[0] == 2
