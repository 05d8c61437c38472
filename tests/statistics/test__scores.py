"""The table of scores: what is read, what is left out, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from tests.statistics.tables import table
from ultraseg.statistics._scores import against, one, study


def test_rows_are_laid_side_by_side_whatever_the_order_of_the_lines():
    scores = table({"b": [[0.1, 0.2], [0.3, 0.4]], "a": [[0.5, 0.6], [0.7, 0.8]]})
    whole = study("test", scores)
    assert whole.rows == ("b", "a") and whole.values.tolist() == [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]]]
    turned = study("test", scores.iloc[::-1])
    assert turned.rows == ("a", "b") and np.array_equal(turned.values[::-1], whole.values)


def test_an_image_undefined_under_one_seed_is_left_out_and_counted():
    scores = table({"a": [[0.1, np.nan, 0.3, 0.4], [0.5, 0.6, np.inf, 0.8]]}, group=[0, 1, 1, 2], fold=[0, 1, 1, 2])
    found = one("test", scores, "a")
    assert found.values.tolist() == [[0.1, 0.4], [0.5, 0.8]] and list(found.images) == ["image 000", "image 003"]
    assert found.over() == {"images": 2, "groups": 2, "seeds": 2, "folds": 2, "left_out": 2}


def test_sums_are_of_groups_with_seeds_averaged():
    sums, sizes = one("test", table({"a": [[0.1, 0.2, 0.3], [0.3, 0.4, 0.7]]}, group=[0, 1, 0]), "a").sums()
    np.testing.assert_allclose(sums, [0.2 + 0.5, 0.3])
    assert sizes.tolist() == [2, 1]


def test_an_image_infinite_in_both_rows_is_left_out_of_their_difference():
    [(row, found)] = against("test", table({"a": [1.0, np.inf, 2.0], "b": [3.0, np.inf, 5.0]}), "a")
    assert row == "b" and found.values.tolist() == [[2.0, 3.0]] and found.left_out == 1


TWO = table({"a": [[0.1, 0.2], [0.3, 0.4]], "b": [[0.5, 0.6], [0.7, 0.8]]}, group=[0, 0])


@pytest.mark.parametrize(
    "scores, message",
    [
        (TWO.drop(columns="group"), "the columns row, seed, .* were wanted, 'group' is missing"),
        (TWO.iloc[:0], "the table has no line"),
        (TWO.drop(index=5), "row 'b' with seed 0 has no score for 'image 001' .1 such"),
        (TWO[(TWO["row"] != "b") | (TWO["seed"] != 1)], "row 'b' with seed 1 has no score for 'image 000' .2 such"),
        (TWO.assign(image=["image 000", "image 000", *TWO["image"][2:]]), "row 'a' with seed 0 has no score for 'ima"),
        (pd.concat([TWO, TWO.iloc[:1]]), "row 'a' with seed 0 has more than one score for 'image 000'"),
        (TWO.assign(group=list("xyxyxyxz")), "one group for each image was wanted, 'image 001' has 'y' and 'z'"),
        (
            TWO.assign(fold=[0, 0, 0, 0, 0, 0, 0, 1]),
            "one fold for each image was wanted, 'image 001' has .*0.* and .*1",
        ),
        (TWO.assign(fold=[0, 1] * 4), "one fold for each group was wanted, 'group 000' has .*0.* and .*1"),
    ],
)
def test_a_table_that_is_not_as_wanted_is_refused(scores, message):
    with pytest.raises(ValueError, match=f"test: .*{message}"):
        study("test", scores)


def test_unknown_rows_and_scores_that_are_all_undefined_are_refused():
    with pytest.raises(ValueError, match="got 'c'; it has 'a', 'b'"):
        one("test", TWO, "c")
    with pytest.raises(ValueError, match="the baseline must be a row, got 'c'; the rows are 'a', 'b'"):
        against("test", TWO, "c")
    with pytest.raises(ValueError, match="a row beside the baseline was wanted"):
        against("test", TWO[TWO["row"] == "a"], "a")
    with pytest.raises(ValueError, match="row 'a': a finite score under every seed was wanted, none of 2 images has"):
        one("test", TWO.assign(score=np.nan), "a")
