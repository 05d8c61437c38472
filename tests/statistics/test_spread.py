"""By hand: the spread over seeds and over folds, apart from each other."""

import math

import numpy as np
import pytest

from tests.statistics.tables import table
from ultraseg.statistics import spread


def test_seeds_and_folds_apart():
    # Seed means over all four images: 0.4, 0.6; fold means over seeds: (0.1+0.3+0.2+0.4)/4 = 0.25 and 0.75.
    scores = table({"a": [[0.1, 0.3, 0.5, 0.7], [0.2, 0.4, 0.8, 1.0]]}, fold=[0, 0, 1, 1])
    found = spread(scores, "a")
    assert found.over_seeds == pytest.approx(0.2 / math.sqrt(2))
    assert found.over_folds == pytest.approx(0.5 / math.sqrt(2))
    assert (found.images, found.groups, found.seeds, found.folds, found.left_out) == (4, 4, 2, 2, 0)


def test_folds_of_unequal_size_do_not_move_the_seeds():
    # The fold of one image is hard under both seeds; a mean of fold means would weigh it as much as the other three.
    scores = table({"a": [[0.9, 0.9, 0.9, 0.1], [0.8, 0.8, 0.8, 0.4]]}, fold=[0, 0, 0, 1])
    assert spread(scores, "a").over_seeds == pytest.approx(0.0)
    assert spread(scores, "a").over_folds == pytest.approx((0.85 - 0.25) / math.sqrt(2))


def test_one_seed_or_fold_claims_no_spread():
    found = spread(table({"a": [[0.1, 0.9], [0.3, 0.9]]}), "a")
    assert found.over_seeds == pytest.approx(0.1 / math.sqrt(2)) and math.isnan(found.over_folds)
    found = spread(table({"a": [0.1, 0.9]}, fold=[0, 1]), "a")
    assert math.isnan(found.over_seeds) and found.over_folds == pytest.approx(0.8 / math.sqrt(2))


def test_an_image_undefined_under_one_seed_is_left_out_of_both():
    found = spread(table({"a": [[0.1, np.nan], [0.3, 0.9]]}), "a")
    assert found.over_seeds == pytest.approx(0.2 / math.sqrt(2)) and found.left_out == 1
