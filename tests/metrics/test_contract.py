"""What every measure keeps: equal to scikit-learn's where that has it, one number from what is measured once."""

import importlib

import numpy as np
import pytest
from sklearn import metrics as scikit

from ultraseg import catalogue
from ultraseg.counts import Counts, counts
from ultraseg.lesions import compare
from ultraseg.metrics import dice, recall
from ultraseg.metrics.dice import dice_of
from ultraseg.probabilities import calibrate, rank
from ultraseg.surfaces import distances

NAMES = catalogue.names("metrics")
SCIKIT = {
    "accuracy": scikit.accuracy_score,
    "precision": scikit.precision_score,
    "recall": scikit.recall_score,
    "specificity": lambda truth, found: scikit.recall_score(truth, found, pos_label=0),
    "dice": scikit.f1_score,
    "iou": scikit.jaccard_score,
    "mcc": scikit.matthews_corrcoef,
    "auc": scikit.roc_auc_score,
    "average_precision": scikit.average_precision_score,
    "brier": scikit.brier_score_loss,
}
MEASURED_ONCE = {
    counts: ("accuracy", "area_error", "dice", "iou", "mcc", "precision", "recall", "specificity"),
    distances: ("assd", "hausdorff", "hausdorff95", "nsd"),
    compare: ("detected", "diameter_error", "false_alarms"),
    rank: ("auc", "average_precision"),
    calibrate: ("brier", "expected_calibration_error"),
}
OF_PROBABILITIES = MEASURED_ONCE[rank] + MEASURED_ONCE[calibrate]
RIGHT = dict.fromkeys(("accuracy", "dice", "iou", "mcc", "precision", "recall", "specificity"), 1)
RIGHT |= {"nsd": 1, "auc": 1, "average_precision": 1, "detected": 1}
"""What the truth itself scores as an answer, where that is not 0."""
RNG = np.random.default_rng(0)
PAIRS = [((RNG.random((20, 30)) < share).astype(np.uint8), RNG.random((20, 30))) for share in (0.05, 0.3, 0.9)]
SURE = (PAIRS[1][0], np.float32(1) - np.float32(1e-7) * RNG.integers(0, 5, (20, 30)).astype(np.float32))
LESION = np.zeros((20, 30), np.uint8)
LESION[4:11, 3:9] = 1


def prediction(name, probability):
    return probability if name in OF_PROBABILITIES else (probability > 0.5).astype(np.uint8)


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def measure(name):
    return catalogue.find("metrics", name)


def test_the_tables_name_every_measure():
    assert sorted(sum(MEASURED_ONCE.values(), ())) == sorted(NAMES)


@pytest.mark.parametrize("name", SCIKIT)
@pytest.mark.parametrize("case", range(len(PAIRS) + 1))
def test_it_is_scikit_learns(name, case):
    truth, probability = [*PAIRS, SURE][case]
    found = prediction(name, probability)
    if case == len(PAIRS) and name in ("precision", "recall", "specificity", "mcc"):
        assert found.all()  # all is marked: the ratios are defined but for mcc, where scikit-learn says 0
    wide = found.astype(np.float64) if name in OF_PROBABILITIES else found  # scikit-learn sums in the type it is given
    expected = SCIKIT[name](truth.ravel(), wide.ravel())
    assert catalogue.find("metrics", name)(truth, found) == pytest.approx(expected, abs=1e-12)


def test_it_is_a_plain_number_and_the_truth_scores_best(name, measure):
    score = measure(LESION, LESION.copy())
    assert type(score) is float and score == RIGHT.get(name, 0)
    wrong = measure(LESION, 1 - LESION)
    if name in ("area_error", "diameter_error"):  # best is 0, from either side
        assert wrong != 0
    elif RIGHT.get(name, 0):
        assert wrong < score
    else:
        assert wrong > score


def test_it_is_one_number_from_what_is_measured_once(name, measure):
    [once] = [function for function, names in MEASURED_ONCE.items() if name in names]
    of = getattr(importlib.import_module(f"ultraseg.metrics.{name}"), f"{name}_of")
    for truth, probability in PAIRS:
        found = prediction(name, probability)
        assert of(once(truth, found)) == measure(truth, found)


def test_the_truth_is_left_alone(name, measure):
    truth, probability = (array.copy() for array in PAIRS[1])
    found = prediction(name, probability)
    before = found.copy()
    measure(truth, found)
    assert (truth == PAIRS[1][0]).all() and (found == before).all()


@pytest.mark.parametrize("dtype", [bool, np.int64, np.float32])
def test_the_type_of_the_masks_does_not_matter(name, measure, dtype):
    truth, probability = PAIRS[1]
    found = prediction(name, probability)
    turned = found if name in OF_PROBABILITIES else found.astype(dtype)
    assert measure(truth.astype(dtype), turned) == measure(truth, found)


def test_an_empty_image_left_empty_is_right_or_undefined(name, measure):
    empty = np.zeros((4, 5), np.uint8)
    best = 0 if name == "detected" else RIGHT.get(name, 0)  # there was nothing to detect
    expected = float("nan") if name in MEASURED_ONCE[rank] else best
    assert measure(empty, empty.copy()) == pytest.approx(expected, nan_ok=True)


def test_other_shapes_are_refused(measure):
    with pytest.raises(ValueError, match=r"truth is \(2, 2\) but (found|probability) is \(2, 3\)"):
        measure(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize("wrong", [2, -1, 0.5, float("nan")])
def test_a_truth_that_is_no_mask_is_refused(measure, wrong):
    with pytest.raises(ValueError, match="metrics: truth must hold 0 and 1 alone"):
        measure(np.array([[0, 1], [0, wrong]]), np.zeros((2, 2), np.uint8))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan"), float("inf"), -float("inf")])
def test_an_answer_that_is_none_is_refused(name, measure, wrong):
    sentence = r"probabilities must be numbers in \[0, 1\], got" if name in OF_PROBABILITIES else "found must hold 0"
    with pytest.raises(ValueError, match=f"metrics: {sentence}"):
        measure(np.array([[0, 1], [0, 1]]), np.array([[0.0, 1.0], [0.0, wrong]]))


def test_f1_and_dice_of_masks_are_one_number():
    for truth, probability in PAIRS:
        found = (probability > 0.5).astype(np.uint8)
        assert dice(truth, found) == pytest.approx(scikit.f1_score(truth.ravel(), found.ravel()), abs=1e-15)


def test_counts_of_images_add_up_to_the_pooled_measure():
    found = [(probability > 0.5).astype(np.uint8) for _, probability in PAIRS]
    each = [counts(truth, mask) for (truth, _), mask in zip(PAIRS, found, strict=True)]
    pooled = dice_of(Counts(*map(sum, zip(*each, strict=True))))
    together = dice(np.concatenate([truth for truth, _ in PAIRS]), np.concatenate(found))
    assert pooled == together != np.mean([dice_of(one) for one in each])
    assert recall(PAIRS[0][0], found[0]) != recall(found[0], PAIRS[0][0])
