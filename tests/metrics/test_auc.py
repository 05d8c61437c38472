"""Area under the ROC curve: by hand, ties, one class alone, and pooled over images."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ultraseg.metrics import auc
from ultraseg.metrics.auc import LEVELS, area, histograms

TRUTH = np.array([[0, 0, 1, 1]])


def test_by_hand():
    # lesion 0.4 and 0.9 against background 0.1 and 0.6: three of four pairs are in order
    assert auc(TRUTH, np.array([[0.1, 0.6, 0.4, 0.9]])) == 3 / 4


def test_a_tie_counts_half():
    assert auc(TRUTH, np.array([[0.1, 0.5, 0.5, 0.9]])) == 3.5 / 4
    assert auc(TRUTH, np.full((1, 4), 0.3)) == 0.5


@pytest.mark.parametrize("truth", [np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8)])
def test_one_class_alone_has_no_curve(truth):
    assert math.isnan(auc(truth, np.full((2, 2), 0.5)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8])
def test_both_ends_of_the_range_in_every_type(dtype):
    assert auc(TRUTH, np.array([[0, 0, 1, 1]], dtype)) == 1
    assert auc(TRUTH, np.array([[1, 1, 0, 0]], dtype)) == 0


def test_pairs_closer_than_a_level_count_as_ties():
    """A level is 48/65535 wide in log-odds, at one half 1.8e-4 in probability."""
    apart, close = (np.array([[0.5, 0.5, 0.5 + gap, 0.5 + gap]]) for gap in (4e-4, 1e-6))
    assert auc(TRUTH, apart) == 1
    assert auc(TRUTH, close) == 0.5


def test_confident_answers_keep_their_order():
    rng = np.random.default_rng(1)
    truth = (rng.random((64, 64)) < 0.1).astype(np.uint8)
    logits = rng.normal(-14, 3, truth.shape) + 4 * truth
    p = 1 / (1 + np.exp(-logits))
    assert auc(truth, p) == pytest.approx(roc_auc_score(truth.ravel(), logits.ravel()), abs=1e-5)


def test_histograms_of_images_add_up_to_the_pooled_curve():
    rng = np.random.default_rng(0)
    truth, p = (rng.random((4, 8, 9)) < 0.3).astype(np.uint8), rng.random((4, 8, 9)).astype(np.float32)
    levels = sum(histograms(t, q) for t, q in zip(truth, p, strict=True))
    assert levels.shape == (2, LEVELS) and levels.sum() == truth.size and levels[1].sum() == truth.sum()
    assert area(levels) == pytest.approx(roc_auc_score(truth.ravel(), p.ravel()), abs=1e-4)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError, match=r"auc: probabilities must be numbers in \[0, 1\]"):
        auc(TRUTH, np.array([[0.1, 0.2, 0.3, wrong]]))
