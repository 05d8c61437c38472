"""Dice loss: by hand, per image and per batch, what `smooth` does, and equal to Keras' own."""

import keras
import numpy as np
import pytest

from ultraseg.losses import dice

# probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0: overlap 5/4, sizes 2 + 2
LOGITS = np.log([3.0, 1.0, 1 / 3, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
TRUTH = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)


def value(truth, logits, **options):
    return np.asarray(dice(truth, logits, **options))


def test_by_hand():
    assert value(TRUTH, LOGITS) == pytest.approx([1 - (2 * 5 / 4 + 1) / (4 + 1)])
    assert value(TRUTH, LOGITS, smooth=1e-6) == pytest.approx([1 - 2.5 / 4], rel=1e-5)


def test_channels_are_averaged():
    # softmax over (0, z) is sigmoid(z). Background: overlap 1/2 + 3/4 of 2 + 2, the lesion's mirror image;
    # make it larger by two rows of sure background, which the lesion does not see
    logits = np.concatenate([LOGITS, np.full((1, 2, 2, 1), -30.0, np.float32)], axis=1)
    truth = np.concatenate([TRUTH, np.zeros((1, 2, 2, 1), np.float32)], axis=1)
    two_logits = np.concatenate([np.zeros_like(logits), logits], axis=-1)
    two_truth = np.concatenate([1 - truth, truth], axis=-1)
    lesion, background = (2 * 5 / 4 + 1) / (4 + 1), (2 * (5 / 4 + 4) + 1) / (6 + 6 + 1)
    assert value(two_truth, two_logits) == pytest.approx([1 - (lesion + background) / 2], rel=1e-6)


def test_per_image_and_per_batch():
    large = np.ones((1, 2, 2, 1), np.float32)
    truth = np.concatenate([large, 0 * large])
    logits = np.concatenate([30 * large, 30 * large])
    # the first is right; the second, empty, has 4 pixels marked: 1 - 1 / (4 + 1)
    assert value(truth, logits) == pytest.approx([0, 0.8], abs=1e-6)
    # together: overlap 4, sizes 4 + 8
    assert value(truth, logits, over="batch") == pytest.approx([1 - (2 * 4 + 1) / (12 + 1)] * 2, abs=1e-6)


def test_over_the_batch_an_empty_image_hides_among_others():
    # marking one pixel of the empty image costs 1/2 alone, and next to a found lesion of 100 pixels 1/202
    lesion, empty = np.ones((1, 10, 10, 1), np.float32), np.zeros((1, 10, 10, 1), np.float32)
    marked = np.full_like(empty, -30.0)
    marked[0, 0, 0] = 30
    truth, logits = np.concatenate([lesion, empty]), np.concatenate([30 * lesion, marked])
    assert value(truth, logits) == pytest.approx([0, 1 / 2], abs=1e-6)
    assert value(truth, logits, over="batch") == pytest.approx([1 / 202] * 2, rel=1e-4)


def test_with_keras_smoothing_it_is_keras_dice_of_the_image():
    rng = np.random.default_rng(0)
    truth, logits = np.round(rng.random((3, 6, 5, 1))), rng.normal(0, 2, (3, 6, 5, 1)).astype(np.float32)
    theirs = keras.losses.Dice(axis=(1, 2, 3), reduction=None)(truth, keras.ops.sigmoid(logits))
    np.testing.assert_allclose(value(truth, logits, smooth=1e-7), np.asarray(theirs), rtol=1e-5)
    # without an axis Keras pools the batch
    pooled = keras.losses.Dice(reduction=None)(truth, keras.ops.sigmoid(logits))
    np.testing.assert_allclose(value(truth, logits, smooth=1e-7, over="batch"), [float(pooled)] * 3, rtol=1e-5)
