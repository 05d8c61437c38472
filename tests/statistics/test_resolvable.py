"""The smallest difference that a study can resolve: by hand, and that it shrinks with what a study is given."""

import math

import numpy as np
import pytest
from scipy import stats

from tests.statistics import simulated
from tests.statistics.tables import table
from ultraseg.statistics import resolvable


def test_by_hand_with_two_rows():
    # Row b minus a is [[1, 2, 6], [1, 4, 10]], whose variance is 1 + 4 (test__crossed); row c is a moved by 0.5.
    base = np.array([[1, 2, 3], [4, 5, 6]])
    scores = table({"a": base, "b": base + [[1, 2, 6], [1, 4, 10]], "c": base + 0.5})
    found = resolvable(scores, "a")
    trials, groups = stats.t.ppf(1 - 0.05 / 4, [1, 2]) ** 2
    assert found.table["row"].tolist() == ["b", "c"] and found.comparisons == 2
    assert found.table["resolvable"][0] == pytest.approx(math.sqrt(trials * 1 + groups * 4))
    assert found.table["resolvable"][1] == 0
    assert found.size == pytest.approx(found.table["resolvable"][0] / 2)  # the median of the two
    assert found.table.loc[0, ["images", "groups", "seeds", "folds", "left_out"]].tolist() == [3, 3, 2, 1, 0]


def test_one_seed_on_one_fold_resolves_nothing_and_says_so():
    found = resolvable(table({"a": [1, 2, 3], "b": [2, 4, 5]}), "a")
    assert math.isnan(found.size) and "nothing is claimed beyond these trained networks" in found.table["note"][0]


@pytest.mark.parametrize(
    "more", [{"seeds": 8}, {"images": 480, "groups": 400}, {"noise": 0.0, "affinity": 0.0, "trial": 0.005}]
)
def test_more_seeds_more_images_or_less_noise_resolve_more(more):
    def median(design):
        generator = np.random.default_rng(0)
        return np.median([resolvable(simulated.study(design, generator), "row 0").size for _ in range(15)])

    images_decide = {"trial": 0.005, "affinity": 0.1} if "images" in more else {}
    assert median(simulated.Design(**{**images_decide, **more})) < 0.8 * median(simulated.Design(**images_decide))


def test_more_rows_resolve_less():
    two, seven = (simulated.study(simulated.Design(rows=7), np.random.default_rng(0)) for _ in range(2))
    two = two[two["row"].isin(["row 0", "row 1"])]
    one, six = resolvable(two, "row 0"), resolvable(seven, "row 0")
    assert one.table["error"][0] == six.table["error"][0]
    ratio = six.table["resolvable"][0] / one.table["resolvable"][0]
    few, many = (stats.t.ppf(1 - 0.05 / 12, f) / stats.t.ppf(1 - 0.05 / 2, f) for f in (3, math.inf))
    assert many < ratio < few


def test_an_unknown_baseline_is_refused():
    with pytest.raises(ValueError, match="resolvable: the baseline must be a row, got 'z'"):
        resolvable(table({"a": [1, 2], "b": [2, 4]}), "z")
