"""The ranking: by hand, and against counting threshold by threshold."""

import numpy as np
import pytest

from tests.probabilities.scenes import SCENES
from ultraseg.probabilities import rank


def test_by_hand():
    truth = np.array([[0, 1, 0, 1, 1, 0]])
    ranking = rank(truth, np.array([[0.1, 0.2, 0.2, 0.9, 0.2, 0.95]]))
    # lesion at 0.2 twice and at 0.9 once; at 0.2 one background pixel ties
    assert ranking.lesion.tolist() == [2, 1]
    assert ranking.tied.tolist() == [1, 0]
    assert ranking.hits.tolist() == [3, 1]
    assert ranking.alarms.tolist() == [2, 1]
    assert ranking.background == 3


@pytest.mark.parametrize("name", SCENES)
def test_it_is_what_thresholds_count(name):
    truth, p = (array[0] for array in SCENES[name])
    ranking = rank(truth, p)
    thresholds = np.unique(p[truth > 0])
    assert all(len(counted) == len(thresholds) for counted in ranking[:4])
    for index in np.linspace(0, len(thresholds) - 1, 20).astype(int) if len(thresholds) else []:
        at, marked = p == thresholds[index], p >= thresholds[index]
        counted = [(at & (truth == 1)).sum(), (at & (truth == 0)).sum()]
        counted += [(marked & (truth == 1)).sum(), (marked & (truth == 0)).sum()]
        assert [part[index] for part in ranking[:4]] == counted


def test_no_pixel_is_refused():
    with pytest.raises(ValueError, match=r"metrics: an image must hold a pixel, got the shape \(0, 4\)"):
        rank(np.zeros((0, 4)), np.zeros((0, 4)))
