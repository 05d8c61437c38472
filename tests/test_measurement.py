"""Everything of one image: each column is what its own measure says, in the records' order."""

import math

import numpy as np
import pytest

from ultraseg import catalogue, records
from ultraseg.measurement import TOLERANCE, _others, measure

RNG = np.random.default_rng(0)
TRUTH = np.zeros((40, 50), np.uint8)
TRUTH[5:20, 8:25] = TRUTH[28:36, 30:44] = 1
P = np.clip(0.8 * np.roll(TRUTH, 2, axis=1) + 0.15 * RNG.random(TRUTH.shape), 0, 1)
FOUND = (P > 0.5).astype(np.uint8)
FROM_PROBABILITY = ("auc", "average_precision", "brier", "expected_calibration_error")


def test_the_columns_are_those_of_the_records():
    assert tuple(measure(TRUTH, FOUND, P)) == records.MEASURED


@pytest.mark.parametrize("name", catalogue.names("metrics"))
@pytest.mark.parametrize("empty", [False, True])
def test_a_column_is_what_its_measure_says(name, empty):
    truth = np.zeros_like(TRUTH) if empty else TRUTH
    row = measure(truth, FOUND, P)
    options = {"tolerance": TOLERANCE} if name == "nsd" else {}
    alone = catalogue.find("metrics", name)(truth, P if name in FROM_PROBABILITY else FOUND, **options)
    assert row[records.COLUMN.get(name, name)] == pytest.approx(alone, nan_ok=True, abs=1e-12)


def test_every_measure_has_a_column_and_every_falling_one_is_a_measure():
    names = catalogue.names("metrics")
    assert {records.COLUMN.get(name, name) for name in names} <= set(records.MEASURED)
    assert set(records.COLUMN) <= set(names) and set(records.FALLING) <= {*names, "loss"}


def test_millimetres_are_pixels_times_the_pitch():
    row = measure(TRUTH, FOUND, P, pitch=(0.5, 0.5))
    for name in ("hausdorff", "hausdorff95", "assd", "diameter_error"):
        assert row[f"{name}_mm"] == pytest.approx(row[f"{name}_px"] / 2)
        assert math.isnan(measure(TRUTH, FOUND, P)[f"{name}_mm"])
    assert row["nsd_1mm"] == row["nsd_2px"] and math.isnan(measure(TRUTH, FOUND, P)["nsd_1mm"])


def test_detection_at_two_overlaps():
    # the second lesion is moved by two of its fourteen columns, the third is not found at all
    truth = TRUTH.copy()
    truth[0:2, 45:50] = 1
    row = measure(truth, FOUND, P)
    assert (row["lesions"], row["components"], row["detected_10"], row["detected_50"], row["false_alarms"]) == (
        3,
        2,
        2,
        2,
        0,
    )


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.1, 1.1])
def test_what_is_no_probability_is_refused(wrong):
    p = P.copy()
    p[3, 3] = wrong
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        measure(TRUTH, FOUND, p)


def test_a_measure_of_ones_own_needs_no_more_than_its_place_in_the_catalogue(monkeypatch):
    def boldness(truth, probability):
        return float(probability.max())

    def marked(truth, found):
        return float(found.mean())

    own = {"boldness": boldness, "marked": marked}
    monkeypatch.setattr(catalogue, "names", lambda room, names=catalogue.names: [*names(room), *own])
    monkeypatch.setattr(catalogue, "find", lambda room, name: own[name])
    _others.cache_clear()
    row = measure(TRUTH, FOUND, P)
    _others.cache_clear()
    assert tuple(row) == (*records.MEASURED, *own)
    assert (row["boldness"], row["marked"]) == (P.max(), FOUND.mean())
