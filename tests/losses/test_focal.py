"""Focal loss: by hand, cross-entropy at gamma 0, and equal to Keras' two."""

import keras
import numpy as np
import pytest

from ultraseg.losses import bce, focal

RNG = np.random.default_rng(0)
TRUTH = np.round(RNG.random((3, 6, 5, 1))).astype(np.float32)
LOGITS = RNG.normal(0, 3, (3, 6, 5, 2)).astype(np.float32)


def two(mask):
    return np.concatenate([1 - mask, mask], axis=-1)


def value(truth, logits, **options):
    return np.asarray(focal(truth, logits, **options))


def test_by_hand():
    # probabilities 3/4 and 1/4 of a lesion, truth 1 and 0: both right with 3/4
    logits = np.log([3.0, 1 / 3]).astype(np.float32).reshape(1, 1, 2, 1)
    truth = np.array([1, 0], np.float32).reshape(1, 1, 2, 1)
    assert value(truth, logits) == pytest.approx([-(0.25 + 0.75) / 2 * (1 / 4) ** 2 * np.log(3 / 4)], rel=1e-5)
    assert value(truth, logits, alpha=0.9, gamma=1.0)[0] == pytest.approx(
        -(0.9 + 0.1) / 2 / 4 * np.log(3 / 4), rel=1e-5
    )
    # wrong with 3/4, and the weights tell the two apart
    assert value(1 - truth, logits)[0] == pytest.approx(-((3 / 4) ** 2) * np.log(1 / 4) / 2, rel=1e-5)
    assert value(np.ones_like(truth), logits)[0] == pytest.approx(
        -0.25 * ((1 / 4) ** 2 * np.log(3 / 4) + (3 / 4) ** 2 * np.log(1 / 4)) / 2, rel=1e-5
    )


def test_at_gamma_0_and_equal_weights_it_is_half_the_cross_entropy():
    found = value(TRUTH, LOGITS[..., :1], alpha=0.5, gamma=0.0)
    np.testing.assert_allclose(found, np.asarray(bce(TRUTH, LOGITS[..., :1])) / 2, rtol=1e-5)


def test_two_channels_give_what_one_gives():
    odds = LOGITS[..., 1:] - LOGITS[..., :1]
    np.testing.assert_allclose(value(two(TRUTH), LOGITS), value(TRUTH, odds), rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_one_channel_is_keras_binary_focal_cross_entropy(gamma):
    loss = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=0.3, gamma=gamma, from_logits=True, reduction=None
    )
    theirs = np.asarray(loss(TRUTH, LOGITS[..., :1])).mean((1, 2))
    np.testing.assert_allclose(value(TRUTH, LOGITS[..., :1], alpha=0.3, gamma=gamma), theirs, rtol=1e-4)


def test_several_channels_are_keras_categorical_focal_cross_entropy_with_a_list_of_weights():
    truth = np.eye(3, dtype=np.float32)[RNG.integers(0, 3, (2, 6, 5))]
    logits = RNG.normal(0, 2, truth.shape).astype(np.float32)
    loss = keras.losses.CategoricalFocalCrossentropy(alpha=[0.7, 0.3, 0.3], gamma=2.0, from_logits=True, reduction=None)
    np.testing.assert_allclose(value(truth, logits, alpha=0.3), np.asarray(loss(truth, logits)).mean((1, 2)), rtol=1e-4)


def test_a_soft_truth_is_not_keras():
    soft = np.full_like(TRUTH, 0.5)
    loss = keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, from_logits=True, reduction=None)
    theirs = np.asarray(loss(soft, LOGITS[..., :1])).mean((1, 2))
    assert (value(soft, LOGITS[..., :1]) > 1.05 * theirs).all()


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [("alpha", 0.0, "above 0 and below 1"), ("alpha", 1.0, "above 0 and below 1"), ("gamma", -0.5, "at least 0")],
)
def test_an_option_out_of_its_range_is_refused(option, value, wanted):
    with pytest.raises(ValueError, match=f"focal: {option} must be {wanted}, got {value}"):
        focal(TRUTH, LOGITS[..., :1], **{option: value})
