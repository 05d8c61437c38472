"""Logits to probability to mask, against SciPy in float64 and where float32 saturates."""

import keras
import numpy as np
import pytest
from scipy.special import expit, log_expit, log_softmax, logsumexp, softmax

from ultraseg.convention import channels, lesion, log_probability, probability, separate, whole

MODERATE = np.random.default_rng(0).normal(0, 5, (2, 3, 4, 3))


def numpy(*tensors):
    return [keras.ops.convert_to_numpy(tensor) for tensor in tensors]


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_probability_is_sigmoid_for_one_channel_and_softmax_for_several(classes):
    logits = MODERATE[..., :classes]
    expected = expit(logits) if classes == 1 else softmax(logits, axis=-1)
    np.testing.assert_allclose(*numpy(probability(logits)), expected, rtol=1e-5)


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_logarithms_agree_with_scipy_in_float64(classes):
    logits = MODERATE[..., :classes]
    inside, outside = numpy(*log_probability(logits))
    if classes == 1:
        np.testing.assert_allclose(inside, log_expit(logits), rtol=1e-5)
        np.testing.assert_allclose(outside, log_expit(-logits), rtol=1e-5)
    else:
        np.testing.assert_allclose(inside, log_softmax(logits, axis=-1), rtol=1e-5, atol=1e-6)
        others = [logsumexp(np.delete(logits, k, axis=-1), axis=-1) for k in range(classes)]
        expected = np.stack(others, axis=-1) - logsumexp(logits, axis=-1, keepdims=True)
        np.testing.assert_allclose(outside, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("classes", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_saturated_logits_stay_finite(classes, dtype):
    for first in (1e4, -1e4):
        logits = np.zeros((1, classes), dtype)
        logits[0, 0] = first
        inside, outside = numpy(*log_probability(logits))
        assert inside.dtype == outside.dtype == np.float32
        assert np.isfinite(inside).all() and np.isfinite(outside).all()
        assert (inside <= 0).all() and (outside <= 0).all()
        # one channel against 0, or against others at 0: the improbable side costs 10,000 nats
        assert min(inside[0, 0], outside[0, 0]) == pytest.approx(-1e4, rel=1e-3)
        assert max(inside[0, 0], outside[0, 0]) == 0


@pytest.mark.parametrize("classes", [1, 2, 3])
@pytest.mark.parametrize("sure", [9.0, 20.0, 60.0])
def test_the_small_price_of_a_sure_answer_keeps_its_digits(classes, sure):
    # -log p = log(1 + others), where 1 - p in float32 would have few digits or none
    logits = np.zeros((1, classes), np.float32)
    logits[0, 0] = sure
    inside, outside = numpy(*log_probability(logits))
    others = max(classes - 1, 1) * np.exp(-sure)
    assert inside[0, 0] == pytest.approx(-np.log1p(others), rel=1e-5)
    assert outside[0, 0] == pytest.approx(np.log(others) - np.log1p(others), rel=1e-5)


def test_float16_is_computed_in_float32():
    # in float16, exp(12) would be inf and 1 - 2**-12 would be 1
    (p,) = numpy(probability(np.array([[12.0, -12.0]], np.float16)))
    assert p.dtype == np.float32 and p[0, 1] == pytest.approx(np.exp(-24.0), rel=1e-4)


def test_the_lesion_is_the_only_channel_or_all_but_the_background():
    assert lesion(np.array([[0.3]])) == pytest.approx([0.3])
    assert lesion(np.array([[0.2, 0.5, 0.3]])) == pytest.approx([0.8])


def test_the_two_ways_to_ask_for_a_lesion_agree():
    # softmax over (0, z) is sigmoid(z)
    logits = MODERATE[..., :1]
    two = np.concatenate([np.zeros_like(logits), logits], axis=-1)
    np.testing.assert_allclose(*(lesion(p) for p in numpy(probability(logits), probability(two))), atol=1e-6)


def test_channels_of_the_truth():
    mask = np.array([0.0, 0.25, 1.0], np.float32)[:, None]
    assert channels(mask, 1) is mask
    two = channels(mask, 2)
    assert two.dtype == np.float32
    np.testing.assert_array_equal(two, [[1, 0], [0.75, 0.25], [0, 1]])


@pytest.mark.parametrize("classes", [0, 3])
def test_a_mask_tells_no_other_number_of_classes_apart(classes):
    with pytest.raises(ValueError, match=f"1 or 2 classes apart, got classes: {classes}"):
        channels(np.zeros((2, 1)), classes)


def test_independent_channels_become_pictures_image_by_image():
    # two images of 1 x 2 pixels and two channels each: tens are images, units channels
    values = np.array([[[[11, 12], [11, 12]]], [[[21, 22], [21, 22]]]], np.float32)
    (found,) = numpy(separate(values))
    assert found.shape == (4, 1, 2, 1)
    np.testing.assert_array_equal(found[:, 0, :, 0], [[11, 11], [12, 12], [21, 21], [22, 22]])


def test_independent_channels_keep_rows_and_columns_apart():
    values = np.arange(2 * 3 * 5 * 4, dtype=np.float32).reshape(2, 3, 5, 4)
    (found,) = numpy(separate(values))
    np.testing.assert_array_equal(found[6, ..., 0], values[1, ..., 2])


def test_a_soft_edge_is_background():
    np.testing.assert_array_equal(whole(np.array([0, 0.5, 254 / 255, 1.0])), [0, 0, 0, 1])
