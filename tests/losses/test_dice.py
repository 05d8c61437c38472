"""Dice loss: by hand, per image, and what `smooth` and `joint` do."""

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


def test_channels_are_averaged_or_counted_together():
    # softmax over (0, z) is sigmoid(z). Background: overlap 1/2 + 3/4 of 2 + 2, the lesion's mirror image;
    # make it larger by two rows of sure background, which the lesion does not see
    logits = np.concatenate([LOGITS, np.full((1, 2, 2, 1), -30.0, np.float32)], axis=1)
    truth = np.concatenate([TRUTH, np.zeros((1, 2, 2, 1), np.float32)], axis=1)
    two_logits = np.concatenate([np.zeros_like(logits), logits], axis=-1)
    two_truth = np.concatenate([1 - truth, truth], axis=-1)
    lesion, background = (2 * 5 / 4 + 1) / (4 + 1), (2 * (5 / 4 + 4) + 1) / (6 + 6 + 1)
    assert value(two_truth, two_logits) == pytest.approx([1 - (lesion + background) / 2], rel=1e-6)
    joint = (2 * (5 / 4 + 5 / 4 + 4) + 1) / (4 + 12 + 1)
    assert value(two_truth, two_logits, joint=True) == pytest.approx([1 - joint], rel=1e-6)


def test_joint_changes_nothing_for_one_channel():
    np.testing.assert_allclose(value(TRUTH, LOGITS, joint=True), value(TRUTH, LOGITS), rtol=1e-6)


def test_without_a_lesion_joint_dice_is_reports_0_0916():
    # all background, two channels: 1 - 2 * (1 - share) / 2 = share; the report's masks mark 9.16 % of the pixels
    lesion = np.zeros((1, 100, 100, 1), np.float32)
    lesion.reshape(-1)[:916] = 1
    truth = np.concatenate([1 - lesion, lesion], axis=-1)
    logits = np.stack([np.full((1, 100, 100), 30.0), np.zeros((1, 100, 100))], axis=-1).astype(np.float32)
    assert value(truth, logits, joint=True) == pytest.approx([0.0916], abs=1e-4)


def test_it_is_not_pooled_over_the_batch():
    large = np.ones((1, 2, 2, 1), np.float32)
    truth = np.concatenate([large, 0 * large])
    logits = np.concatenate([30 * large, 30 * large])
    # the first is right; the second, empty, has 4 pixels marked: 1 - 1 / (4 + 1)
    assert value(truth, logits) == pytest.approx([0, 0.8], abs=1e-6)


@pytest.mark.parametrize("smooth", [0, -1.0])
def test_smooth_must_be_positive(smooth):
    with pytest.raises(ValueError, match=f"dice: smooth must be above 0, got {smooth}"):
        dice(TRUTH, LOGITS, smooth=smooth)
