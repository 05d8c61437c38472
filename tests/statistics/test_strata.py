"""By hand: a row's mean by stratum, each with an interval of its own groups."""

import numpy as np
import pandas as pd
import pytest

from tests.statistics.tables import table
from ultraseg.statistics import interval, strata

IDS = [f"image {place:03}" for place in range(8)]


def test_each_stratum_is_the_interval_of_its_images():
    scores = table({"a": [0.1, 0.4, 0.9, 0.7, 0.2, 0.3, 0.5, 0.8]}, group=[0, 0, 1, 2, 3, 4, 5, 6])
    stratum = pd.Series(["x", "x", "x", "y", "y", "y", "y", "y"], index=IDS)
    found = strata(scores, "a", stratum, resamples=200, seed=3).set_index("stratum")
    assert list(found.index) == ["x", "y"] and found["images"].tolist() == [3, 5] and found["groups"].tolist() == [2, 5]
    for name in "xy":
        alone = interval(scores[scores["image"].map(stratum) == name], "a", resamples=200, seed=3)
        assert tuple(found.loc[name, ["mean", "low", "high", "note"]]) == (
            alone.mean,
            alone.low,
            alone.high,
            alone.note,
        )


def test_undefined_images_are_counted_in_their_stratum():
    scores = table({"a": [0.1, np.nan, 0.9, 0.7, np.nan, np.inf, 0.5, 0.8]})
    stratum = pd.Series(["x", "x", "x", "x", "none", "none", "y", "y"], index=IDS)
    found = strata(scores, "a", stratum).set_index("stratum")
    assert found["left_out"].to_dict() == {"x": 1, "none": 2, "y": 0}
    assert found["mean"]["x"] == pytest.approx((0.1 + 0.9 + 0.7) / 3) and np.isnan(found["mean"]["none"])
    assert found["note"]["none"] == "No image of the stratum has a defined score." and found["images"]["none"] == 0


def test_a_stratum_of_other_images_has_no_line():
    stratum = pd.Series(["x"] * 8 + ["elsewhere"], index=[*IDS, "another"])
    assert list(strata(table({"a": np.arange(8) / 8}), "a", stratum)["stratum"]) == ["x"]


def test_an_image_without_a_stratum_or_with_two_is_refused():
    scores = table({"a": np.arange(8) / 8})
    with pytest.raises(
        ValueError, match=r"strata: a stratum for each image was wanted, 'image 007' has none \(1 such\)"
    ):
        strata(scores, "a", pd.Series("x", index=IDS[:7]))
    with pytest.raises(ValueError, match="strata: one stratum for each image was wanted, 'image 000' has two"):
        strata(scores, "a", pd.Series("x", index=[*IDS, IDS[0]]))
