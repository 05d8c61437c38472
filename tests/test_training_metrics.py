"""Metrics of training: equal to the offline ones image by image, and understood by callbacks in mode auto."""

import keras
import numpy as np
import pytest

from ultraseg import metrics
from ultraseg.convention import channels
from ultraseg.training_metrics import Dice, IoU

MEMBERS = {Dice: metrics.dice, IoU: metrics.iou}
RNG = np.random.default_rng(0)
LESION = (RNG.random((7, 12, 10, 1)) < np.linspace(0, 0.5, 7)[:, None, None, None]).astype(np.float32)
LOGITS = RNG.normal(0, 3, LESION.shape).astype(np.float32) + 3 * LESION - 2
LOGITS[0], LOGITS[2] = -5, -5  # an empty image left empty, and a lesion missed whole
TRUTH = channels(LESION, 1)


@pytest.fixture(params=MEMBERS)
def member(request):
    return request.param


def offline(member, lesion, logits):
    """The mean over the images of the NumPy measure."""
    found = (logits[..., 0] > 0).astype(np.uint8)
    return np.mean([MEMBERS[member](truth, mask) for truth, mask in zip(lesion[..., 0], found, strict=True)])


def test_dice_by_hand():
    truth = np.array([1, 1, 0, 0], np.float32).reshape(1, 1, 4, 1)
    logits = np.array([3, -1, 2, -4], np.float32).reshape(1, 1, 4, 1)
    assert float(Dice()(truth, logits)) == pytest.approx(2 * 1 / (2 + 2))
    assert float(IoU()(truth, logits)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("classes", [1, 2])
def test_it_equals_the_offline_mean_whatever_the_batches(member, classes):
    truth = channels(LESION, classes)
    logits = LOGITS if classes == 1 else np.concatenate([-LOGITS, LOGITS], axis=-1) / 2
    metric = member()
    for batch in (slice(0, 3), slice(3, 7)):
        metric.update_state(truth[batch], logits[batch])
    assert float(metric.result()) == pytest.approx(offline(member, LESION, LOGITS), abs=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0


def test_it_is_not_what_keras_pools():
    # one lesion of 64 pixels found whole, one of a single pixel missed
    truth = np.stack([np.ones((8, 8, 1)), np.zeros((8, 8, 1))]).astype(np.float32)
    truth[1, 3, 3] = 1
    logits = np.stack([np.full((8, 8, 1), 4.0), np.full((8, 8, 1), -4.0)])
    pool = keras.metrics.BinaryIoU(target_class_ids=[1], threshold=0.5)
    pool.update_state(truth, 1 / (1 + np.exp(-logits)))
    assert float(pool.result()) == pytest.approx(64 / 65)
    assert float(IoU()(truth, logits)) == pytest.approx((1 + 0) / 2)


@pytest.mark.parametrize(("marked", "score"), [(False, 1), (True, 0)])
def test_an_empty_image(member, marked, score):
    logits = np.full((1, 4, 4, 1), -3, np.float32)
    logits[0, 1, 1] = 3 if marked else -3
    assert float(member()(np.zeros((1, 4, 4, 1)), logits)) == score


def test_a_soft_edge_is_background_and_even_odds_are_unmarked(member):
    truth = np.array([1, 0.6, 0, 0], np.float32).reshape(1, 1, 4, 1)
    logits = np.array([3, -3, 0, -3], np.float32).reshape(1, 1, 4, 1)
    assert float(member()(truth, logits)) == 1


def test_images_can_be_weighted(member):
    weights = np.array([0, 0, 0, 1, 0, 0, 0], np.float32)
    metric = member()
    metric.update_state(TRUTH, LOGITS, sample_weight=weights)
    assert float(metric.result()) == pytest.approx(offline(member, LESION[3:4], LOGITS[3:4]), abs=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "bool", "float16", "float64"])
def test_the_type_of_the_truth_and_half_precision_do_not_matter(member, dtype):
    expected = float(member()(TRUTH, LOGITS.astype(np.float16)))
    assert float(member()(TRUTH.astype(dtype), LOGITS.astype(np.float16))) == expected
    large = np.ones((1, 512, 512, 1), np.float16)  # more pixels than float16 counts
    assert float(member()(large, large)) == 1


def small(tmp_metrics):
    model = keras.Sequential([keras.Input((12, 10, 1)), keras.layers.Conv2D(1, 1)])
    model.compile(keras.optimizers.SGD(0.0), loss="mse", metrics=tmp_metrics)
    return model


@pytest.mark.parametrize("name", ["dice", "iou"])
def test_callbacks_in_mode_auto_take_more_for_better(name, tmp_path):
    model = small([Dice(), IoU()])
    checkpoint = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor=f"val_{name}", mode="auto", save_best_only=True
    )
    stopping = keras.callbacks.EarlyStopping(monitor=f"val_{name}", mode="auto", patience=5)
    model.fit(LOGITS, TRUTH, validation_data=(LOGITS, TRUTH), verbose=0, callbacks=[checkpoint, stopping])
    for callback in (checkpoint, stopping):
        assert callback.monitor_op is keras.ops.greater
    assert (tmp_path / "best.keras").is_file()
    assert checkpoint.best == pytest.approx(stopping.best)


def test_a_compiled_model_says_what_the_offline_measure_says(member):
    model = small([member()])
    scores = model.evaluate(LOGITS, TRUTH, batch_size=3, verbose=0, return_dict=True)
    answers = model.predict(LOGITS, verbose=0)
    assert scores[member().name] == pytest.approx(offline(member, LESION, answers), abs=1e-6)


def test_a_saved_model_brings_it_back(member, tmp_path):
    model = small([member(name="score")])
    model.evaluate(LOGITS, TRUTH, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    expected = model.evaluate(LOGITS, TRUTH, verbose=0, return_dict=True)
    assert again.evaluate(LOGITS, TRUTH, verbose=0, return_dict=True) == pytest.approx(expected)
    assert "score" in expected
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(member()))
    assert isinstance(copy, member) and copy._direction == "up"
