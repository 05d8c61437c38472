"""Hausdorff distance: by hand, in millimetres, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import hausdorff

EMPTY, LESION = np.zeros((6, 8)), np.zeros((6, 8))
LESION[1:3, 1:3] = 1


def test_by_hand():
    found = LESION.copy()
    found[5, 7] = 1  # three rows and five columns from the lesion's corner
    assert hausdorff(LESION, found) == pytest.approx(np.hypot(3, 5))
    assert hausdorff(found, LESION) == pytest.approx(np.hypot(3, 5))
    assert hausdorff(LESION, found, pitch=(0.5, 0.1)) == pytest.approx(np.hypot(3 * 0.5, 5 * 0.1))


def test_the_inside_does_not_matter():
    full, ring = np.ones((5, 5)), np.ones((5, 5))
    ring[2, 2] = 0
    assert hausdorff(full, np.ones((5, 5))) == 0
    assert hausdorff(full, ring) == 1  # the hole has an edge of its own, a pixel from the border's


@pytest.mark.parametrize(
    ("truth", "found", "score"), [(EMPTY, EMPTY, 0), (EMPTY, LESION, np.inf), (LESION, EMPTY, np.inf)]
)
def test_empty_masks(truth, found, score):
    assert hausdorff(truth, found) == score
