"""Average symmetric surface distance: by hand, over both lists together, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import assd
from ultraseg.metrics.assd import assd_of
from ultraseg.surfaces import Distances

EMPTY, LESION = np.zeros((1, 8)), np.array([[1, 1, 0, 0, 0, 0, 0, 0]])


def test_by_hand():
    # from the truth 0 and 1, from found 0, 3 and 4
    found = np.array([[1, 0, 0, 0, 1, 1, 0, 0]])
    assert assd(LESION, found) == pytest.approx((0 + 1 + 0 + 3 + 4) / 5)
    assert assd(LESION, found, pitch=(9.0, 0.5)) == pytest.approx((0 + 1 + 0 + 3 + 4) / 5 / 2)


def test_every_edge_pixel_weighs_the_same_whichever_mask_it_is_of():
    assert assd_of(Distances(np.zeros(3), np.array([2.0]))) == 2 / 4  # the mean of both means would be 1


@pytest.mark.parametrize(
    ("truth", "found", "score"), [(EMPTY, EMPTY, 0), (EMPTY, LESION, np.inf), (LESION, EMPTY, np.inf)]
)
def test_empty_masks(truth, found, score):
    assert assd(truth, found) == score
