"""Normalized surface distance: by hand at several tolerances, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import nsd

EMPTY, LESION = np.zeros((1, 8)), np.array([[1, 1, 0, 0, 0, 0, 0, 0]])
FOUND = np.array([[1, 0, 0, 0, 1, 1, 0, 0]])  # from the truth 0 and 1, from found 0, 3 and 4


@pytest.mark.parametrize(("tolerance", "share"), [(0, 2 / 5), (0.9, 2 / 5), (1, 3 / 5), (3, 4 / 5), (4.0, 1)])
def test_by_hand(tolerance, share):
    assert nsd(LESION, FOUND, tolerance=tolerance) == pytest.approx(share)


def test_the_tolerance_is_in_the_unit_of_the_pitch():
    assert nsd(LESION, FOUND, pitch=(0.5, 0.5), tolerance=1.5) == pytest.approx(4 / 5)
    assert nsd(LESION, FOUND) == nsd(LESION, FOUND, tolerance=2.0) == pytest.approx(3 / 5)


@pytest.mark.parametrize(("truth", "found", "score"), [(EMPTY, EMPTY, 1), (EMPTY, LESION, 0), (LESION, EMPTY, 0)])
def test_empty_masks(truth, found, score):
    assert nsd(truth, found) == score


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    with pytest.raises(ValueError, match=f"nsd: tolerance must be a number of at least 0, got {tolerance}"):
        nsd(LESION, FOUND, tolerance=tolerance)
