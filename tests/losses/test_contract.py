"""What every loss keeps: one number per image, its formula's value and slope, and the rule for empty masks."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.losses import by_definition
from ultraseg import catalogue
from ultraseg.convention import channels

LOSSES = catalogue.names("losses")
OPTIONS = {"weighted_sum": {"parts": ["bce", {"dice": {"smooth": 0.5}}], "weights": [1.0, 2.0]}}
"""The options that a loss has no default for."""
POOLED = ("dice_reaching_minus_one",)
"""Report 001's code has one loss for the whole batch, so no image has a loss of its own."""
BELOW_0 = ("dice_reaching_minus_one",)
"""Its fault: the right answer costs less than 0."""
ORDERED = ("lovasz",)
"""Its slope is 0 where a pixel's error no longer changes the Jaccard loss, and without lesion for all but the worst."""
CHOICES = [
    ("bce", {"positive_weight": 3.0, "label_smoothing": 0.2}),
    ("dice", {"smooth": 1e-5, "over": "batch"}),
    ("dice_over_channels", {"smooth": 2.0, "over": "batch"}),
    ("focal", {"alpha": 0.6, "gamma": 1.5}),
    ("focal", {"gamma": 0.0}),
    ("focal_tversky", {"miss": 0.4, "alarm": 0.8, "power": 1.5, "smooth": 0.1, "over": "batch"}),
    ("hausdorff_dt", {"alpha": 1.0}),
    ("jaccard", {"smooth": 0.5, "over": "batch"}),
    ("log_cosh_dice", {"smooth": 0.5, "over": "batch"}),
    ("tversky", {"miss": 0.2, "alarm": 0.9, "smooth": 0.5, "over": "batch"}),
    ("weighted_sum", {"parts": ["jaccard", "boundary", {"bce": {"positive_weight": 2.0}}], "weights": [0, 1, 0.5]}),
]
SURE = 30.0


def answer(lesion, classes):
    """Logits of a lesion answer: one channel as it is, for two the background's is its opposite."""
    lesion = np.asarray(lesion)
    return lesion if classes == 1 else np.concatenate([-lesion, lesion], axis=-1)


def scene(classes, *, images=3, side=8, dtype=np.float32):
    rng = np.random.default_rng(0)
    mask = (rng.random((images, side, side, 1)) < 0.3).astype(dtype)
    return channels(mask, classes), rng.normal(0, 3, (images, side, side, classes)).astype(np.float32)


def loss(name, **options):
    return catalogue.bind("losses", {name: {**OPTIONS.get(name, {}), **options}})


def value(name, truth, logits, **options):
    bound = loss(name, **options)
    return keras.ops.convert_to_numpy(bound(keras.ops.convert_to_tensor(truth), keras.ops.convert_to_tensor(logits)))


def defined(name, truth, logits, **options):
    return by_definition.value(name, truth, logits, **{**OPTIONS.get(name, {}), **options})


def gradient(name, truth, logits, **options):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(loss(name, **options)(truth, logits))
    return tape.gradient(total, logits).numpy()


@pytest.fixture(params=LOSSES)
def name(request):
    return request.param


@pytest.fixture(params=[1, 2])
def classes(request):
    return request.param


@pytest.fixture(params=[name for name in LOSSES if "over" in catalogue.options("losses", name)])
def overlap(request):
    return request.param


def test_it_is_the_formula(name, classes):
    truth, logits = scene(classes)
    np.testing.assert_allclose(value(name, truth, logits), defined(name, truth, logits), rtol=1e-5)


@pytest.mark.parametrize(("name", "options"), CHOICES)
def test_an_option_does_what_the_formula_says(name, options, classes):
    truth, logits = scene(classes)
    found = value(name, truth, logits, **options)
    np.testing.assert_allclose(found, defined(name, truth, logits, **options), rtol=1e-5)
    for option in options:
        rest = {key: given for key, given in options.items() if key != option}
        if name != "weighted_sum":  # which has no defaults to leave an option at
            assert (np.abs(found - value(name, truth, logits, **rest)) > 1e-6).all(), f"{option} changes nothing"


def test_three_classes_are_the_formula_too(name):
    rng = np.random.default_rng(0)
    truth = np.eye(3, dtype=np.float32)[rng.integers(0, 3, (2, 8, 6))]
    logits = rng.normal(0, 3, truth.shape).astype(np.float32)
    np.testing.assert_allclose(value(name, truth, logits), defined(name, truth, logits), rtol=1e-5)


def test_the_slope_is_the_formulas(name, classes):
    truth, logits = scene(classes, images=2, side=5)
    expected = by_definition.slope(name, truth, logits, **OPTIONS.get(name, {}))
    np.testing.assert_allclose(gradient(name, truth, logits), expected, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(("name", "options"), CHOICES)
def test_the_slope_is_the_formulas_with_options(name, options, classes):
    truth, logits = scene(classes, images=2, side=5)
    expected = by_definition.slope(name, truth, logits, **options)
    np.testing.assert_allclose(gradient(name, truth, logits, **options), expected, rtol=1e-3, atol=1e-7)


def test_one_number_per_image_from_that_image_alone(name, classes):
    truth, logits = scene(classes)
    batch = value(name, truth, logits)
    alone = [value(name, truth[i : i + 1], logits[i : i + 1])[0] for i in range(3)]
    assert batch.shape == (3,) and batch.dtype == np.float32
    assert (batch > 0).all()
    if name in POOLED:
        assert len(set(batch.tolist())) == 1 and (np.abs(batch - alone) > 1e-3).all()
    else:
        np.testing.assert_allclose(batch, alone, rtol=1e-5)
        assert len(set(batch.tolist())) == 3


def test_over_the_batch_it_is_the_loss_of_one_image_that_holds_all(overlap, classes):
    truth, logits = scene(classes)
    batch = value(overlap, truth, logits, over="batch")
    whole = value(overlap, truth.reshape(1, 24, 8, classes), logits.reshape(1, 24, 8, classes))
    np.testing.assert_allclose(batch, np.repeat(whole, 3), rtol=1e-5)
    assert (np.abs(batch - value(overlap, truth, logits)) > 1e-4).all()
    # the mean over the batch is the pooled loss, so its slope is the pooled one's too
    slope = gradient(overlap, truth, logits, over="batch") / 3
    pooled = gradient(overlap, truth.reshape(1, 24, 8, classes), logits.reshape(1, 24, 8, classes))
    np.testing.assert_allclose(slope, pooled.reshape(slope.shape), rtol=1e-4, atol=1e-8)


def test_what_an_overlap_loss_refuses(overlap):
    truth, logits = scene(1)
    with pytest.raises(ValueError, match=f"{overlap}: over must be one of image, batch, got 'epoch'"):
        value(overlap, truth, logits, over="epoch")
    for smooth in (0.0, -1.0):
        with pytest.raises(ValueError, match=f"{overlap}: smooth must be above 0, got {smooth}"):
            value(overlap, truth, logits, smooth=smooth)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float64, bool])
def test_the_type_of_the_truth_does_not_matter(name, classes, dtype):
    truth, logits = scene(classes)
    np.testing.assert_array_equal(value(name, truth.astype(dtype), logits), value(name, truth, logits))


def test_the_right_answer_costs_0_and_the_wrong_one_most(name, classes):
    truth, _ = scene(classes)
    right = answer(SURE * (2 * truth[..., -1:] - 1), classes)
    costs = [value(name, truth, logits) for logits in (right, right / 60, -right / 60, -right)]
    if name not in BELOW_0:
        np.testing.assert_allclose(costs[0], 0, atol=1e-5)
    assert all((low < high).all() for low, high in zip(costs, costs[1:], strict=False))


def test_an_empty_image_left_empty_costs_0(name, classes):
    empty = channels(np.zeros((2, 8, 8, 1), np.float32), classes)
    left = answer(np.full((2, 8, 8, 1), -SURE, np.float32), classes)
    if name not in BELOW_0:
        np.testing.assert_allclose(value(name, empty, left), 0, atol=1e-6)
    assert np.isfinite(gradient(name, empty, left)).all()


def test_an_empty_image_marked_costs_and_has_a_gradient_that_unmarks_it(name, classes):
    empty = channels(np.zeros((1, 8, 8, 1), np.float32), classes)
    left = answer(np.full((1, 8, 8, 1), -SURE, np.float32), classes)
    lesion = np.full((1, 8, 8, 1), -SURE, np.float32)
    lesion[0, 2:4, 2:4] = 2.0
    logits = answer(lesion, classes)
    assert value(name, empty, logits)[0] > value(name, empty, left)[0] + 0.01
    slope = gradient(name, empty, logits)[0, 2:4, 2:4, -1]
    assert (slope > 1e-4).any() and (slope >= 0).all()
    assert name in ORDERED or (slope > 1e-4).all()


def test_a_full_image_left_empty_costs_and_has_a_gradient_that_marks_it(name, classes):
    full = channels(np.ones((1, 8, 8, 1), np.float32), classes)
    logits = answer(np.full((1, 8, 8, 1), -2, np.float32), classes)
    assert value(name, full, logits)[0] > 0.1
    slope = gradient(name, full, logits)[0, ..., -1]
    assert np.isfinite(slope).all() and (slope < 0).any() and (slope <= 0).all()


def test_logits_of_float16_at_its_ends_are_finite_and_right(name, classes):
    truth, _ = scene(classes, images=1)
    truth = np.tile(truth, (1, 64, 64, 1))  # 512 x 512: in float16 a sum of its pixels would be inf
    right = answer((60000 * (2 * truth[..., -1:] - 1)).astype(np.float16), classes)
    assert right.dtype == np.float16
    if name not in BELOW_0:
        np.testing.assert_allclose(value(name, truth, right), 0, atol=1e-4)
    # the odds of opposite channels are twice their logits: the cross-entropies cost 60000 or 120000
    np.testing.assert_allclose(value(name, truth, -right), defined(name, truth, -right), rtol=1e-3)
    assert np.isfinite(gradient(name, truth, -right)).all() and np.isfinite(gradient(name, truth, right)).all()


def test_a_sum_over_many_pixels_keeps_its_digits(name, classes):
    truth, logits = scene(classes, images=1, side=512)
    np.testing.assert_allclose(value(name, truth, logits), defined(name, truth, logits), rtol=1e-5)


def test_a_gradient_points_from_the_truth(name, classes):
    truth, logits = scene(classes)
    slope = gradient(name, truth, logits)
    assert np.isfinite(slope).all()
    # down where the lesion is, up where it is not
    away = slope[..., -1] * (1 - 2 * truth[..., -1])
    assert (away >= 0).all() and (away > 0).any()
    assert name in ORDERED or (away > 0).all()


def test_it_compiles_and_fits_in_keras(name, classes):
    truth, images = scene(classes)
    model = keras.Sequential([keras.Input((8, 8, classes)), keras.layers.Conv2D(classes, 1)])
    model.compile("sgd", loss=loss(name))
    first = model.train_on_batch(images, truth)
    assert np.isfinite(first) and first > 0
