"""The 95th percentile: by hand, direction by direction, and the rule for empty masks."""

import numpy as np
import pytest

from ultraseg.metrics import hausdorff, hausdorff95
from ultraseg.metrics.hausdorff95 import hausdorff95_of
from ultraseg.surfaces import Distances

EMPTY, LESION = np.zeros((1, 40)), np.zeros((1, 40))
LESION[0, 10:20] = 1


def test_by_hand():
    # found has the lesion's ten pixels and one 5 to its right: distances are ten times 0 and once 5. Rank
    # 0.95 * 10 = 9.5 lies halfway between the tenth and the eleventh
    found = LESION.copy()
    found[0, 24] = 1
    assert hausdorff(LESION, found) == 5
    assert hausdorff95(LESION, found) == pytest.approx(2.5)
    assert hausdorff95(found, LESION, pitch=(0.2, 0.2)) == pytest.approx(0.5)


def test_the_worse_direction_counts_and_lists_are_not_joined():
    # joined, the one distance of 7 would be the 21st of 21 and be cut off
    near, far = np.zeros(20), np.array([7.0])
    assert hausdorff95_of(Distances(near, far)) == 7
    assert hausdorff95_of(Distances(far, near)) == 7
    assert np.percentile(np.concatenate([near, far]), 95) == 0


@pytest.mark.parametrize(
    ("truth", "found", "score"), [(EMPTY, EMPTY, 0), (EMPTY, LESION, np.inf), (LESION, EMPTY, np.inf)]
)
def test_empty_masks(truth, found, score):
    assert hausdorff95(truth, found) == score
