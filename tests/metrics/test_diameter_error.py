"""Diameter error: by hand, in millimetres, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import diameter_error

EMPTY, LESION, FOUND = np.zeros((3, 20, 20), np.uint8)
LESION[0:3, 0:4] = LESION[10, 10] = 1  # corner to corner 5
FOUND[0:5, 0:12] = 1  # 13


def test_by_hand():
    assert diameter_error(LESION, FOUND) == pytest.approx(13 - 5)
    assert diameter_error(FOUND, LESION) == pytest.approx(5 - 13)
    assert diameter_error(LESION, FOUND, pitch=(0.1, 0.1)) == pytest.approx(0.8)
    assert diameter_error(LESION, FOUND, pitch=(1.0, 0.5)) == pytest.approx(np.hypot(5, 6) - np.hypot(3, 2))


@pytest.mark.parametrize(("truth", "found", "error"), [(EMPTY, EMPTY, 0), (EMPTY, LESION, 5), (LESION, EMPTY, -5)])
def test_empty_masks(truth, found, error):
    assert diameter_error(truth, found) == pytest.approx(error)
