"""Kullback-Leibler divergence: by hand; BCE for hard masks, and not for soft ones."""

import keras
import numpy as np
import pytest

from ultraseg.losses import bce, kld

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, (3, 6, 5, 2)).astype(np.float32)
SOFT = RNG.uniform(0.05, 0.95, (3, 6, 5, 1)).astype(np.float32)
HARD = np.round(SOFT)


def two(mask):
    return np.concatenate([1 - mask, mask], axis=-1)


def test_by_hand():
    # truth 1/4 against probability 1/2: 1/4 log(1/2) + 3/4 log(3/2)
    expected = 0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    truth, logits = np.full((1, 2, 2, 1), 0.25, np.float32), np.zeros((1, 2, 2, 1), np.float32)
    assert float(kld(truth, logits)[0]) == pytest.approx(expected, rel=1e-5)
    assert float(kld(two(truth), two(logits) * 0)[0]) == pytest.approx(expected, rel=1e-5)


def test_it_is_0_where_prediction_equals_truth():
    logits = np.log(SOFT / (1 - SOFT))
    np.testing.assert_allclose(np.asarray(kld(SOFT, logits)), 0, atol=1e-6)
    np.testing.assert_allclose(np.asarray(kld(two(SOFT), np.log(two(SOFT)))), 0, atol=1e-6)


@pytest.mark.parametrize("classes", [1, 2])
def test_for_hard_masks_it_is_bce_and_for_soft_ones_it_is_not(classes):
    logits = LOGITS[..., :classes]
    hard, soft = (mask if classes == 1 else two(mask) for mask in (HARD, SOFT))
    np.testing.assert_allclose(np.asarray(kld(hard, logits)), np.asarray(bce(hard, logits)), rtol=1e-5)
    # they differ by the entropy of the truth, which no prediction changes
    entropy = -(SOFT * np.log(SOFT) + (1 - SOFT) * np.log(1 - SOFT)).mean((1, 2, 3))
    np.testing.assert_allclose(np.asarray(bce(soft, logits) - kld(soft, logits)), entropy, rtol=1e-4)
    assert (entropy > 0.1).all()


def test_two_channels_are_keras_kl_divergence_of_the_softmax():
    keras_ = keras.losses.KLDivergence(reduction=None)(two(SOFT), keras.ops.softmax(LOGITS))
    np.testing.assert_allclose(np.asarray(kld(two(SOFT), LOGITS)), np.asarray(keras_).mean((1, 2)), rtol=1e-3)


def test_on_one_channel_keras_forgets_the_background():
    # a false alarm costs Keras' KLDivergence nothing, since 0 log 0 is all that it sees
    empty, alarm = np.zeros((1, 2, 2, 1), np.float32), np.full((1, 2, 2, 1), 5.0, np.float32)
    keras_ = keras.losses.KLDivergence(reduction=None)(empty, keras.ops.sigmoid(alarm))
    assert np.asarray(keras_).max() < 1e-4
    assert float(kld(empty, alarm)[0]) == pytest.approx(np.log1p(np.exp(5.0)), rel=1e-5)
