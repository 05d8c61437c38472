"""Tversky loss: by hand, its two limits, and equal to Keras' own."""

import keras
import numpy as np
import pytest

from ultraseg.losses import dice, jaccard, tversky

RNG = np.random.default_rng(0)
TRUTH = np.round(RNG.random((3, 6, 5, 1)))
LOGITS = RNG.normal(0, 2, (3, 6, 5, 1)).astype(np.float32)


def value(truth, logits, **options):
    return np.asarray(tversky(truth, logits, **options))


def test_by_hand():
    # probabilities 3/4, 1/2, 1/2, 1/2 and truth 1, 1, 0, 0: hit 5/4, missed 3/4, falsely marked 1
    logits = np.log([3.0, 1.0, 1.0, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    assert value(truth, logits) == pytest.approx([1 - (1.25 + 1) / (1.25 + 0.7 * 0.75 + 0.3 * 1 + 1)])
    assert value(truth, logits, miss=0.1, alarm=0.9, smooth=0.5) == pytest.approx(
        [1 - (1.25 + 0.5) / (1.25 + 0.1 * 0.75 + 0.9 * 1 + 0.5)]
    )


def test_a_miss_costs_more_than_a_false_alarm():
    truth = np.zeros((1, 4, 4, 1), np.float32)
    truth[0, :2] = 1
    missed, alarmed = 60 * truth - 30, 60 * truth - 30
    missed[0, 0, 0], alarmed[0, 3, 0] = -30, 30
    # 7 hit and one missed; 8 hit and one falsely marked
    assert value(truth, missed) == pytest.approx([1 - 8 / 8.7], rel=1e-5)
    assert value(truth, alarmed) == pytest.approx([1 - 9 / 9.3], rel=1e-5)


@pytest.mark.parametrize("over", ["image", "batch"])
def test_its_limits_are_dice_and_jaccard(over):
    half = value(TRUTH, LOGITS, miss=0.5, alarm=0.5, smooth=0.5, over=over)
    np.testing.assert_allclose(half, np.asarray(dice(TRUTH, LOGITS, over=over)), rtol=1e-5)
    whole = value(TRUTH, LOGITS, miss=1.0, alarm=1.0, over=over)
    np.testing.assert_allclose(whole, np.asarray(jaccard(TRUTH, LOGITS, over=over)), rtol=1e-5)


@pytest.mark.parametrize(("over", "axis"), [("image", (1, 2, 3)), ("batch", None)])
def test_with_keras_smoothing_it_is_keras_tversky_with_its_weights_as_written_or_as_coded(over, axis):
    p = keras.ops.sigmoid(LOGITS)
    ours = value(TRUTH, LOGITS, smooth=1e-7, over=over)
    # Keras' alpha is of false positives, says its docstring; its code up to 3.15 weighs the misses by it
    orders = [
        np.asarray(keras.losses.Tversky(alpha=alpha, beta=1 - alpha, axis=axis, reduction=None)(TRUTH, p))
        for alpha in (0.3, 0.7)
    ]
    assert sum(np.allclose(ours, theirs, rtol=1e-5) for theirs in orders) == 1


@pytest.mark.parametrize(("miss", "alarm"), [(0.0, 0.3), (0.7, 0.0), (-1.0, 0.3)])
def test_weights_must_be_positive(miss, alarm):
    with pytest.raises(ValueError, match=f"tversky: miss and alarm must be above 0, got {miss} and {alarm}"):
        tversky(TRUTH, LOGITS, miss=miss, alarm=alarm)
