"""Four counts, by hand, and that they always add up to the pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ultraseg.counts import counts, masks

MASKS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30)


def test_each_pixel_falls_into_one_count():
    truth = np.array([[1, 1, 1], [0, 0, 0]])
    found = np.array([[1, 1, 0], [1, 0, 0]])
    assert counts(truth, found) == (2, 1, 1, 2)


def test_the_counts_have_names_and_are_plain_numbers():
    counted = counts(np.array([[1, 1, 1], [0, 0, 0]]), np.array([[1, 1, 0], [1, 0, 0]]))
    assert (counted.tp, counted.fp, counted.fn, counted.tn) == (2, 1, 1, 2)
    assert {type(count) for count in counted} == {int}


def test_checked_masks_are_uint8_and_not_copied_where_they_were():
    truth, found = np.eye(3, dtype=np.uint8), np.eye(3)
    kept, turned = masks(truth, found)
    assert kept is truth and turned.dtype == np.uint8 and (turned == found).all()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32])
def test_the_type_does_not_matter(dtype):
    truth, found = np.eye(3).astype(dtype), np.ones((3, 3), dtype)
    assert counts(truth, found) == (3, 6, 0, 0)


@given(MASKS)
def test_they_add_up_and_trade_places(pairs):
    truth, found = np.array(pairs, np.uint8).reshape(-1, 2).T
    tp, fp, fn, tn = counts(truth, found)
    assert tp + fp + fn + tn == len(pairs)
    assert counts(found, truth) == (tp, fn, fp, tn)
    assert counts(1 - truth, 1 - found) == (tn, fn, fp, tp)


def test_no_pixels_count_nothing():
    assert counts(np.zeros((0, 4)), np.zeros((0, 4))) == (0, 0, 0, 0)


def test_other_shapes_and_values_are_refused():
    with pytest.raises(ValueError, match=r"truth is \(2, 2\) but found is \(4,\)"):
        counts(np.zeros((2, 2)), np.zeros(4))
    with pytest.raises(ValueError, match="truth must hold 0 and 1 alone"):
        counts(np.full((2, 2), 255), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="found must hold 0 and 1 alone"):
        counts(np.zeros((2, 2)), np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="found must hold 0 and 1 alone"):
        counts(np.zeros((2, 2)), np.full((2, 2), float("nan")))
