"""Matthews correlation: by hand, its limits, and that large counts do not overflow."""

import math

import numpy as np
import pytest

from ultraseg.counts import Counts
from ultraseg.metrics import mcc
from ultraseg.metrics.mcc import mcc_of

EMPTY, LESION, FULL = np.zeros((1, 5)), np.array([[1, 1, 0, 0, 0]]), np.ones((1, 5))


def test_by_hand():
    # tp 1, fp 2, fn 1, tn 1
    expected = (1 * 1 - 2 * 1) / math.sqrt((1 + 2) * (1 + 1) * (1 + 2) * (1 + 1))
    assert mcc(LESION, np.array([[0, 1, 1, 1, 0]])) == pytest.approx(expected)
    assert mcc(LESION, 1 - LESION) == -1


@pytest.mark.parametrize(
    ("truth", "found", "score"),
    [
        (EMPTY, EMPTY, 1),
        (FULL, FULL, 1),
        (EMPTY, FULL, -1),
        (FULL, EMPTY, -1),
        (EMPTY, LESION, 0),
        (LESION, EMPTY, 0),
        (LESION, FULL, 0),
        (FULL, LESION, 0),
    ],
)
def test_empty_and_full_masks(truth, found, score):
    assert mcc(truth, found) == score


@pytest.mark.parametrize("kind", [int, np.int64])
def test_the_pixels_of_many_images(kind):
    # the product of the four sums is beyond 64 bits
    small, large = Counts(9, 1, 2, 88), Counts(*(kind(10**9 * count) for count in (9, 1, 2, 88)))
    assert mcc_of(large) == pytest.approx(mcc_of(small), rel=1e-12)
