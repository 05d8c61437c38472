"""False alarms: by hand at two overlaps, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import detected, false_alarms

EMPTY, TWO, FOUND = np.zeros((3, 20, 20), np.uint8)
TWO[0:4, 0:4] = TWO[10:14, 0:4] = 1
FOUND[0:4, 0:4] = FOUND[10:14, 2:6] = FOUND[18:, 18:] = 1  # one whole, one at 8 of 24, one far off


@pytest.mark.parametrize(("overlap", "number"), [(0.1, 1), (0.5, 2)])
def test_by_hand(overlap, number):
    assert false_alarms(TWO, FOUND, overlap=overlap) == number
    assert detected(TWO, FOUND, overlap=overlap) + number == 3


def test_one_tenth_unless_said_otherwise():
    assert false_alarms(TWO, FOUND) == 1


@pytest.mark.parametrize(("truth", "found", "number"), [(EMPTY, EMPTY, 0), (EMPTY, FOUND, 3), (TWO, EMPTY, 0)])
def test_empty_masks(truth, found, number):
    assert false_alarms(truth, found) == number


def test_a_second_part_on_one_lesion_is_one():
    halves = TWO.copy()
    halves[2, :] = 0  # the upper lesion falls into two, of which one is its match
    assert false_alarms(TWO, halves) == 1
