"""What every loss keeps: one number per image, 0 for an empty image left empty, and a gradient where it errs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ultraseg import catalogue
from ultraseg.convention import channels

LOSSES = catalogue.names("losses")
SURE = 30.0


def answer(lesion, classes):
    """Logits of a lesion answer: one channel as it is, for two the background's is its opposite."""
    lesion = np.asarray(lesion)
    return lesion if classes == 1 else np.concatenate([-lesion, lesion], axis=-1)


def scene(classes, *, images=3, side=8, dtype=np.float32):
    rng = np.random.default_rng(0)
    mask = (rng.random((images, side, side, 1)) < 0.3).astype(dtype)
    return channels(mask, classes), rng.normal(0, 3, (images, side, side, classes)).astype(np.float32)


def value(name, truth, logits, **options):
    bound = catalogue.bind("losses", {name: options})
    return keras.ops.convert_to_numpy(bound(keras.ops.convert_to_tensor(truth), keras.ops.convert_to_tensor(logits)))


def gradient(name, truth, logits):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(catalogue.bind("losses", name)(truth, logits))
    return tape.gradient(total, logits).numpy()


@pytest.fixture(params=LOSSES)
def name(request):
    return request.param


@pytest.fixture(params=[1, 2])
def classes(request):
    return request.param


def test_one_number_per_image_from_that_image_alone(name, classes):
    truth, logits = scene(classes)
    batch = value(name, truth, logits)
    alone = [value(name, truth[i : i + 1], logits[i : i + 1])[0] for i in range(3)]
    assert batch.shape == (3,) and batch.dtype == np.float32
    np.testing.assert_allclose(batch, alone, rtol=1e-5)
    assert (batch > 0).all() and len(set(batch.tolist())) == 3


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float64, bool])
def test_the_type_of_the_truth_does_not_matter(name, classes, dtype):
    truth, logits = scene(classes)
    np.testing.assert_array_equal(value(name, truth.astype(dtype), logits), value(name, truth, logits))


def test_the_right_answer_costs_0_and_the_wrong_one_most(name, classes):
    truth, _ = scene(classes)
    right = answer(SURE * (2 * truth[..., -1:] - 1), classes)
    costs = [value(name, truth, logits) for logits in (right, right / 60, -right / 60, -right)]
    np.testing.assert_allclose(costs[0], 0, atol=1e-5)
    assert all((low < high).all() for low, high in zip(costs, costs[1:], strict=False))


def test_an_empty_image_left_empty_costs_0(name, classes):
    empty = channels(np.zeros((2, 8, 8, 1), np.float32), classes)
    left = answer(np.full((2, 8, 8, 1), -SURE, np.float32), classes)
    np.testing.assert_allclose(value(name, empty, left), 0, atol=1e-6)


def test_an_empty_image_marked_costs_and_has_a_gradient_that_unmarks_it(name, classes):
    empty = channels(np.zeros((1, 8, 8, 1), np.float32), classes)
    lesion = np.full((1, 8, 8, 1), -SURE, np.float32)
    lesion[0, 2:4, 2:4] = 2.0
    logits = answer(lesion, classes)
    assert value(name, empty, logits)[0] > 0.01
    slope = gradient(name, empty, logits)[0, 2:4, 2:4, -1]
    assert (slope > 1e-4).all()


def test_logits_of_float16_at_its_ends_are_finite_and_right(name, classes):
    truth, _ = scene(classes, images=1)
    truth = np.tile(truth, (1, 64, 64, 1))  # 512 x 512: in float16 a sum of its pixels would be inf
    right = answer((60000 * (2 * truth[..., -1:] - 1)).astype(np.float16), classes)
    assert right.dtype == np.float16
    np.testing.assert_allclose(value(name, truth, right), 0, atol=1e-4)
    wrong = value(name, truth, -right)
    softmax = 60000 * classes  # the odds of opposite channels are twice their logits
    expected = {"bce": softmax, "kld": softmax, "bce_behind_softmax": 60000, "dice": 1}[name]
    np.testing.assert_allclose(wrong, expected, rtol=1e-3)
    assert np.isfinite(gradient(name, truth, -right)).all() and np.isfinite(gradient(name, truth, right)).all()


def test_a_sum_over_many_pixels_keeps_its_digits(name, classes):
    truth, logits = scene(classes, images=1, side=512)
    truth64, logits64 = truth.astype(np.float64), logits.astype(np.float64)
    small = [value(name, t, z) for t, z in zip(_tiles(truth), _tiles(logits), strict=True)]
    if name != "dice":  # a mean of means
        np.testing.assert_allclose(value(name, truth, logits), np.mean(small), rtol=1e-5)
    else:
        e = np.exp(logits64)
        p = e / (1 + e) if classes == 1 else e / e.sum(-1, keepdims=True)
        ratio = (2 * (truth64 * p).sum((1, 2)) + 1) / (truth64.sum((1, 2)) + p.sum((1, 2)) + 1)
        np.testing.assert_allclose(value(name, truth, logits), 1 - ratio.mean(-1), rtol=1e-5)


def _tiles(array):
    return [array[:, i : i + 128, j : j + 128] for i in range(0, 512, 128) for j in range(0, 512, 128)]


def test_a_gradient_points_from_the_truth(name, classes):
    truth, logits = scene(classes)
    slope = gradient(name, truth, logits)
    assert np.isfinite(slope).all()
    # down where the lesion is, up where it is not
    assert (np.sign(slope[..., -1]) == 1 - 2 * truth[..., -1]).all()


def test_it_compiles_and_fits_in_keras(name, classes):
    truth, images = scene(classes)
    model = keras.Sequential([keras.Input((8, 8, classes)), keras.layers.Conv2D(classes, 1)])
    model.compile("sgd", loss=catalogue.bind("losses", name))
    loss = model.train_on_batch(images, truth)
    assert np.isfinite(loss) and loss > 0
