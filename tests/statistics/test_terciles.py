"""By hand: thirds of the lesions by area."""

import numpy as np
import pandas as pd
import pytest

from ultraseg.statistics import terciles


def test_thirds_of_the_lesions_and_none_apart():
    # Areas above 0: 1 to 9; the cuts are 1 + 8/3 = 3.67 and 1 + 16/3 = 6.33.
    areas = pd.Series([9, 0, 1, 2, 3, 0, 4, 5, 6, 7, 8], index=list("abcdefghijk"))
    found = terciles(areas)
    assert list(found.index) == list("abcdefghijk")
    assert found["a"] == "large" and found["b"] == found["f"] == "no lesion"
    assert list(found["c":"e"]) == ["small"] * 3 and list(found["g":]) == ["medium"] * 3 + ["large"] * 2


def test_equal_areas_are_never_parted_and_a_cut_belongs_to_the_smaller():
    # 2 2 2 2 9 9 9: the cuts are at places 2 and 4 of 0..6, 2 and 9.
    assert list(terciles(pd.Series([2, 2, 2, 2, 9, 9, 9]))) == ["small"] * 4 + ["medium"] * 3
    assert set(terciles(pd.Series([5.0] * 4))) == {"small"}


@pytest.mark.parametrize(
    "areas, message",
    [
        (pd.Series([1, 2, -3], index=list("abc")), "areas from 0 up were wanted, 'c' has -3"),
        (pd.Series([1, np.nan, 3], index=list("abc")), "'b' has nan"),
        (pd.Series([1, np.inf, 3], index=list("abc")), "'b' has inf"),
        (pd.Series([1, 2, 3], index=list("aba")), "one area for each image was wanted, 'a' has two"),
        (pd.Series([1, 2, 0]), "three images with a lesion or more were wanted, got 2"),
    ],
)
def test_bad_areas_are_refused(areas, message):
    with pytest.raises(ValueError, match=f"^terciles: .*{message}"):
        terciles(areas)
