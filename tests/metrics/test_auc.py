"""Area under the ROC curve: by hand, ties, one class alone, and answers that are sure."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ultraseg.metrics import auc

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


def test_answers_that_differ_in_their_last_digit_keep_their_order():
    next_up = np.nextafter(np.float32(0.5), np.float32(1))
    assert auc(TRUTH, np.array([[0.5, 0.5, next_up, next_up]], np.float32)) == 1


def test_confident_answers_are_scikit_learns():
    rng = np.random.default_rng(1)
    truth = (rng.random((64, 64)) < 0.1).astype(np.uint8)
    p = 1 / (1 + np.exp(-(rng.normal(-14, 3, truth.shape) + 4 * truth)))
    assert auc(truth, p) == pytest.approx(roc_auc_score(truth.ravel(), p.ravel()), abs=1e-12)
