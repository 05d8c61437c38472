"""Lovász loss: by hand, against every threshold set, its digits at 512 x 512, and only the worst pixel when empty."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.losses import by_definition
from ultraseg.losses import lovasz


def value(truth, logits):
    return np.asarray(lovasz(np.asarray(truth, np.float32), np.asarray(logits, np.float32)))


def jaccard_loss(lesion, wrong):
    """One minus the IoU of the lesion and of the mask that is wrong at these pixels."""
    found = lesion ^ wrong
    return 1 - len(lesion & found) / len(lesion | found)


def test_the_hinge_by_hand():
    # lesion pixels with logits 2 and -1, background with 0.5 and -3: errors max(0, 1 -+ z) = 0, 2, 1.5, 0.
    # Wrong first is the missed pixel: IoU 1/2, loss 1/2; then the false alarm: IoU 1/3, loss 2/3
    truth, logits = np.array([1, 1, 0, 0]), np.array([2, -1, 0.5, -3])
    assert value(truth.reshape(1, 2, 2, 1), logits.reshape(1, 2, 2, 1)) == pytest.approx(
        [2 * 1 / 2 + 1.5 * (2 / 3 - 1 / 2)]
    )


def test_the_softmax_by_hand():
    # one row: probability of lesion 3/4 on it, 1/4 on the background: every error is 1/4, in both channels, so that
    # all pixels are wrong at once, which is a loss of 1
    logits = np.log([[[[1.0, 3.0], [3.0, 1.0]]]])
    truth = [[[[0, 1], [1, 0]]]]
    assert value(truth, logits) == pytest.approx([1 / 4])


@pytest.mark.parametrize("seed", range(5))
def test_on_decided_pixels_it_is_the_jaccard_loss_itself(seed):
    # errors 0 or 1 only: the extension goes through the corners of the cube
    rng = np.random.default_rng(seed)
    mask, wrong = rng.random(12) < 0.4, rng.random(12) < 0.5
    lesion, found = ({i for i in range(12) if each[i]} for each in (mask, mask ^ wrong))
    lesion_channel = 1 - len(lesion & found) / len(lesion | found)
    off, off_found = set(range(12)) - lesion, set(range(12)) - found
    background_channel = 1 - len(off & off_found) / len(off | off_found)
    two = [np.stack([1.0 - each, each], axis=-1).reshape(1, 3, 4, 2) for each in (mask, mask ^ wrong)]
    sure = 60 * two[1] - 30
    assert value(two[0], sure) == pytest.approx([(lesion_channel + background_channel) / 2], abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_integral_over_the_jaccard_loss_of_every_threshold_set(seed):
    rng = np.random.default_rng(seed)
    mask, logits = rng.random(10) < 0.4, rng.normal(0, 1, 10)
    error = np.maximum(0, 1 - logits * np.where(mask, 1, -1))
    lesion = {i for i in range(10) if mask[i]}
    levels = sorted({0.0, *error})
    expected = sum(
        (high - low) * jaccard_loss(lesion, {i for i in range(10) if error[i] >= high})
        for low, high in itertools.pairwise(levels)
    )
    found = value(mask.reshape(1, 2, 5, 1), logits.reshape(1, 2, 5, 1))
    assert found == pytest.approx([expected], rel=1e-5)


def test_a_soft_truth_keeps_the_formula_of_the_softmax():
    rng = np.random.default_rng(0)
    mask, logits = rng.random((2, 6, 5, 1)), rng.normal(0, 2, (2, 6, 5, 2))
    truth = np.concatenate([1 - mask, mask], axis=-1)
    np.testing.assert_allclose(value(truth, logits), by_definition.value("lovasz", truth, logits), rtol=1e-5)


def test_no_two_digits_are_lost_at_512():
    # half the image is lesion and all of it is missed by the same margin but one pixel, which is the least wrong
    # and adds 1 / 131072 to the loss; that step is its slope
    truth = np.zeros((1, 512, 512, 1), np.float32)
    truth[0, :256] = 1
    logits = np.where(truth > 0, -1.0, -3.0).astype(np.float32)
    logits[0, 0, 0] = -0.5
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = lovasz(truth, variable)
    assert tape.gradient(loss, variable).numpy()[0, 0, 0, 0] == pytest.approx(-1 / 131072, rel=1e-6)


def test_marked_in_an_empty_image_the_worst_pixel_alone_costs():
    logits = tf.Variable(np.array([-2.0, 0.5, 3.0, 1.0], np.float32).reshape(1, 2, 2, 1))
    with tf.GradientTape() as tape:
        loss = lovasz(np.zeros((1, 2, 2, 1), np.float32), logits)
    assert loss.numpy() == pytest.approx([1 + 3.0])
    assert tape.gradient(loss, logits).numpy().ravel() == pytest.approx([0, 0, 1, 0])
