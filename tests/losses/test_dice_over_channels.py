"""Dice loss of all channels together: by hand, report 003's number, and equal to Keras' own."""

import keras
import numpy as np
import pytest

from ultraseg.losses import dice, dice_over_channels


def two(mask):
    return np.concatenate([1 - mask, mask], axis=-1)


def test_by_hand():
    # lesion: probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0, then four pixels of sure background.
    # Overlap 5/4 in the lesion's channel, 5/4 + 4 in the background's; every pixel is in both sizes once
    lesion = np.log([3.0, 1.0, 1 / 3, 1.0, 1e-9, 1e-9, 1e-9, 1e-9]).astype(np.float32).reshape(1, 4, 2, 1)
    truth = two(np.array([1, 1, 0, 0, 0, 0, 0, 0], np.float32).reshape(1, 4, 2, 1))
    logits = np.concatenate([np.zeros_like(lesion), lesion], axis=-1)
    expected = 1 - (2 * (5 / 4 + 5 / 4 + 4) + 1) / (8 + 8 + 1)
    assert np.asarray(dice_over_channels(truth, logits)) == pytest.approx([expected], rel=1e-6)


def test_with_one_channel_it_is_dice():
    rng = np.random.default_rng(0)
    truth, logits = np.round(rng.random((2, 4, 4, 1))), rng.normal(0, 2, (2, 4, 4, 1)).astype(np.float32)
    for over in ("image", "batch"):
        ours, theirs = (np.asarray(loss(truth, logits, over=over)) for loss in (dice_over_channels, dice))
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_without_a_lesion_marked_it_is_reports_0_0916():
    # all background, two channels: 1 - 2 * (1 - share) / 2 = share; the report's masks mark 9.16 % of the pixels
    lesion = np.zeros((1, 100, 100, 1), np.float32)
    lesion.reshape(-1)[:916] = 1
    logits = np.stack([np.full((1, 100, 100), 30.0), np.zeros((1, 100, 100))], axis=-1).astype(np.float32)
    assert np.asarray(dice_over_channels(two(lesion), logits)) == pytest.approx([0.0916], abs=1e-4)


def test_with_keras_smoothing_it_is_keras_dice():
    rng = np.random.default_rng(0)
    truth, logits = two(np.round(rng.random((3, 6, 5, 1)))), rng.normal(0, 2, (3, 6, 5, 2)).astype(np.float32)
    p = keras.ops.softmax(logits)
    image = np.asarray(keras.losses.Dice(axis=(1, 2, 3), reduction=None)(truth, p))
    np.testing.assert_allclose(np.asarray(dice_over_channels(truth, logits, smooth=1e-7)), image, rtol=1e-5)
    batch = float(keras.losses.Dice(reduction=None)(truth, p))
    pooled = np.asarray(dice_over_channels(truth, logits, smooth=1e-7, over="batch"))
    np.testing.assert_allclose(pooled, [batch] * 3, rtol=1e-5)
