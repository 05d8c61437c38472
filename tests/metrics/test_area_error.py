"""Area error: by hand, with its sign, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import area_error

EMPTY, LESION = np.zeros((1, 6)), np.array([[1, 1, 0, 0, 0, 0]])


@pytest.mark.parametrize(("found", "error"), [([1, 1, 1, 0, 0, 0], 0.5), ([0, 0, 0, 1, 0, 0], -0.5), (LESION[0], 0)])
def test_by_hand(found, error):
    assert area_error(LESION, np.array([found])) == error


@pytest.mark.parametrize(("truth", "found", "error"), [(EMPTY, EMPTY, 0), (EMPTY, LESION, np.inf), (LESION, EMPTY, -1)])
def test_empty_masks(truth, found, error):
    assert area_error(truth, found) == error
