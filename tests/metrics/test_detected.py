"""Detected lesions: by hand at two overlaps, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import detected

EMPTY, TWO, FOUND = np.zeros((3, 20, 20), np.uint8)
TWO[0:4, 0:4] = TWO[10:14, 0:4] = 1
FOUND[0:4, 0:4] = FOUND[10:14, 2:6] = 1  # the first whole, of the second 8 of 24


@pytest.mark.parametrize(("overlap", "number"), [(0.1, 2), (1 / 3, 2), (0.34, 1), (0.5, 1), (1.0, 1)])
def test_by_hand(overlap, number):
    assert detected(TWO, FOUND, overlap=overlap) == number


def test_one_half_unless_said_otherwise():
    assert detected(TWO, FOUND) == detected(TWO, FOUND, overlap=0.5) == 1


@pytest.mark.parametrize(("truth", "found"), [(EMPTY, EMPTY), (EMPTY, TWO), (TWO, EMPTY)])
def test_empty_masks(truth, found):
    assert detected(truth, found) == 0


@pytest.mark.parametrize("overlap", [0, 1.5])
def test_an_overlap_that_is_none_is_refused(overlap):
    with pytest.raises(ValueError, match="overlap must be above 0 and at most 1"):
        detected(TWO, FOUND, overlap=overlap)
