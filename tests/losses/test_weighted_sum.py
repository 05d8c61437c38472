"""A weighted sum of losses: by hand, the reports' sums, and what it refuses."""

import numpy as np
import pytest

from ultraseg import catalogue
from ultraseg.losses import bce, dice, jaccard, weighted_sum

RNG = np.random.default_rng(0)
TRUTH = np.round(RNG.random((3, 6, 5, 1))).astype(np.float32)
LOGITS = RNG.normal(0, 3, (3, 6, 5, 1)).astype(np.float32)


def bound(**options):
    return np.asarray(catalogue.bind("losses", {"weighted_sum": options})(TRUTH, LOGITS))


def test_by_hand():
    # probability 3/4 of one lesion pixel: BCE log(4/3), Dice 1 - (2 * 3/4 + 1) / (1 + 3/4 + 1) = 1/11
    truth, logits = np.ones((1, 1, 1, 1), np.float32), np.full((1, 1, 1, 1), np.log(3), np.float32)
    found = weighted_sum(truth, logits, parts=["bce", {"dice": {"smooth": 1.0}}], weights=[0.5, 2.0])
    assert np.asarray(found) == pytest.approx([0.5 * np.log(4 / 3) + 2 / 11], rel=1e-5)


def test_report_000_is_bce_and_the_dice_of_the_batch():
    p, t = 1 / (1 + np.exp(-LOGITS.astype(np.float64))), TRUTH
    entropy = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    published = entropy + 1 - (2 * (p * t).sum() + 1e-5) / (p.sum() + t.sum() + 1e-5)
    found = bound(parts=["bce", {"dice": {"smooth": 1e-5, "over": "batch"}}], weights=[1.0, 1.0])
    assert found.mean() == pytest.approx(published, rel=1e-5)


def test_report_001_is_bce_and_its_faulty_dice():
    p, t = 1 / (1 + np.exp(-LOGITS.astype(np.float64))), TRUTH
    entropy = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    published = entropy + 1 - 2 * ((p * t).sum() + 1) / (p.sum() + t.sum() + 1)
    found = bound(parts=["bce", "dice_reaching_minus_one"], weights=[1.0, 1.0])
    assert found.mean() == pytest.approx(published, rel=1e-5)


def test_report_004_is_dice_and_jaccard():
    expected = np.asarray(dice(TRUTH, LOGITS)) / 2 + np.asarray(jaccard(TRUTH, LOGITS)) / 2
    np.testing.assert_allclose(bound(parts=["dice", "jaccard"], weights=[0.5, 0.5]), expected, rtol=1e-6)


def test_a_sum_may_hold_a_sum():
    inner = {"weighted_sum": {"parts": ["dice", "bce"], "weights": [2.0, 0.0]}}
    expected = np.asarray(bce(TRUTH, LOGITS)) + 0.5 * 2 * np.asarray(dice(TRUTH, LOGITS))
    np.testing.assert_allclose(bound(parts=["bce", inner], weights=[1.0, 0.5]), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1.0], "as many weights as parts are wanted, got 1 for 2"),
        ([1.0, 1.0, 1.0], "as many weights as parts are wanted, got 3 for 2"),
        ([1.0, -1.0], r"weights must be at least 0 and not all 0, got \[1.0, -1.0\]"),
        ([0.0, 0.0], r"weights must be at least 0 and not all 0, got \[0.0, 0.0\]"),
    ],
)
def test_weights_that_make_no_sum_are_refused(weights, sentence):
    with pytest.raises(ValueError, match=f"weighted_sum: {sentence}"):
        bound(parts=["bce", "dice"], weights=weights)
