"""Binary cross-entropy: by hand, and equal to Keras' own."""

import keras
import numpy as np
import pytest

from ultraseg.losses import bce, bce_behind_softmax

RNG = np.random.default_rng(0)
TRUTH = RNG.random((3, 6, 5, 1)).astype(np.float32)
LOGITS = RNG.normal(0, 3, (3, 6, 5, 2)).astype(np.float32)


def two(mask):
    return np.concatenate([1 - mask, mask], axis=-1)


def test_by_hand():
    # probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0
    logits = np.log([3.0, 1.0, 1 / 3, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    expected = -(np.log(3 / 4) + np.log(1 / 2) + np.log(3 / 4) + np.log(1 / 2)) / 4
    assert float(bce(truth, logits)[0]) == pytest.approx(expected, rel=1e-6)


def test_two_channels_by_hand():
    # one pixel, softmax (1/4, 3/4), truth (0, 1): both channels answer with log(3/4)
    logits = np.log([[[[1.0, 3.0]]]]).astype(np.float32)
    truth = np.array([[[[0.0, 1.0]]]], np.float32)
    assert float(bce(truth, logits)[0]) == pytest.approx(-np.log(3 / 4), rel=1e-6)


def test_one_channel_is_keras_binary_cross_entropy_from_logits():
    ours = np.asarray(bce(TRUTH, LOGITS[..., :1]))
    keras_ = keras.losses.BinaryCrossentropy(from_logits=True, reduction=None)(TRUTH, LOGITS[..., :1])
    np.testing.assert_allclose(ours, np.asarray(keras_).mean((1, 2)), rtol=1e-5)


def test_two_channels_are_keras_binary_cross_entropy_of_the_softmax():
    truth = two(TRUTH)
    p = np.asarray(keras.ops.softmax(LOGITS))  # a plain array, see below
    keras_ = keras.losses.BinaryCrossentropy(reduction=None)(truth, p)
    np.testing.assert_allclose(np.asarray(bce(truth, LOGITS)), np.asarray(keras_).mean((1, 2)), rtol=1e-4)


def test_keras_binary_cross_entropy_looks_behind_a_softmax_layer():
    """What report 003 trained on: Keras finds the logits of the softmax and puts them through a sigmoid.

    So in Keras 2 and 3 on TensorFlow. Its first epoch, with a loss of 1601.8, shows it: clipped at 1e-7, a
    cross-entropy of probabilities cannot exceed 16.2.
    """
    image = keras.Input((6, 5, 2))
    model = keras.Model(image, keras.layers.Activation("softmax")(image))
    model.compile(loss=keras.losses.BinaryCrossentropy())
    found = model.evaluate(LOGITS, two(TRUTH), verbose=0)
    sigmoid = np.mean([np.asarray(bce(two(TRUTH)[..., k : k + 1], LOGITS[..., k : k + 1])) for k in (0, 1)])
    assert found == pytest.approx(sigmoid, rel=1e-5)
    assert found == pytest.approx(np.asarray(bce_behind_softmax(two(TRUTH), LOGITS)).mean(), rel=1e-5)
    assert abs(found - np.asarray(bce(two(TRUTH), LOGITS)).mean()) > 0.1


def test_two_channels_are_keras_categorical_cross_entropy_too():
    # with p1 = 1 - p0 the mean of two binary questions is the one question with two answers
    truth = two(TRUTH)
    keras_ = keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None)(truth, LOGITS)
    np.testing.assert_allclose(np.asarray(bce(truth, LOGITS)), np.asarray(keras_).mean((1, 2)), rtol=1e-5)


def test_a_positive_weight_by_hand():
    # probabilities 3/4, 1/2, 1/4, 1/2 and truth 1, 1, 0, 0: the two lesion pixels count three times
    logits = np.log([3.0, 1.0, 1 / 3, 1.0]).astype(np.float32).reshape(1, 2, 2, 1)
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1)
    expected = -(3 * np.log(3 / 4) + 3 * np.log(1 / 2) + np.log(3 / 4) + np.log(1 / 2)) / 4
    assert float(bce(truth, logits, positive_weight=3.0)[0]) == pytest.approx(expected, rel=1e-6)


def test_with_two_channels_the_weight_is_the_lesion_channels():
    # softmax (1/4, 3/4); a lesion pixel is asked twice, once with weight 3; a background pixel twice with weight 1
    logits = np.log([[[[1.0, 3.0]]]]).astype(np.float32)
    lesion, background = np.array([[[[0, 1.0]]]], np.float32), np.array([[[[1.0, 0]]]], np.float32)
    weighted = [float(bce(truth, logits, positive_weight=3.0)[0]) for truth in (lesion, background)]
    assert weighted == pytest.approx([-np.log(3 / 4) * (1 + 3) / 2, -np.log(1 / 4)], rel=1e-6)


def test_label_smoothing_by_hand():
    # 0.2 makes 0.9 of 1 and 0.1 of 0; probability 3/4
    logits = np.full((1, 1, 1, 1), np.log(3), np.float32)
    one, zero = np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1))
    found = [float(bce(truth, logits, label_smoothing=0.2)[0]) for truth in (one, zero)]
    expected = [-(share * np.log(3 / 4) + (1 - share) * np.log(1 / 4)) for share in (0.9, 0.1)]
    assert found == pytest.approx(expected, rel=1e-6)


def test_with_smoothed_labels_certainty_costs_more_than_the_entropy():
    empty = np.zeros((1, 2, 2, 1), np.float32)
    costs = [float(bce(empty, np.full_like(empty, z), label_smoothing=0.2)[0]) for z in (np.log(1 / 9), -30)]
    assert costs == pytest.approx([-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)), 0.1 * 30], rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_label_smoothing_is_keras(smoothing):
    loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    ours = np.asarray(bce(TRUTH, LOGITS[..., :1], label_smoothing=smoothing))
    np.testing.assert_allclose(ours, np.asarray(loss(TRUTH, LOGITS[..., :1])).mean((1, 2)), rtol=1e-5)


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("positive_weight", 0.0, "above 0"),
        ("positive_weight", -1.0, "above 0"),
        ("label_smoothing", 1.0, "at least 0 and below 1"),
        ("label_smoothing", -0.1, "at least 0 and below 1"),
    ],
)
def test_an_option_out_of_its_range_is_refused(option, value, wanted):
    with pytest.raises(ValueError, match=f"bce: {option} must be {wanted}, got {value}"):
        bce(TRUTH, LOGITS[..., :1], **{option: value})
