"""Curves: every point on scikit-learn's exact curve, few enough to draw, and close enough to integrate."""

import numpy as np
import pytest
from sklearn import metrics as scikit
from sklearn.calibration import calibration_curve

from tests.probabilities.scenes import SCENES
from ultraseg.metrics.auc import auc_of
from ultraseg.probabilities import (
    Histogram,
    calibrate,
    precision_recall_curve,
    rank,
    reliability_curve,
    roc_curve,
)
from ultraseg.probabilities.curves import POINTS

BOTH_CLASSES = [name for name in SCENES if name not in ("no lesion", "all lesion")]


def test_roc_by_hand():
    # from the most probable: lesion, background, a tie of both
    across, up = roc_curve(rank(np.array([[1, 0, 0, 1]]), np.array([[0.9, 0.6, 0.5, 0.5]])))
    points = list(dict.fromkeys(zip(across.tolist(), up.tolist(), strict=True)))
    assert points == [(0, 0), (0, 0.5), (0.5, 0.5), (1, 1)]


def test_precision_recall_by_hand():
    recall, precision = precision_recall_curve(rank(np.array([[1, 0, 0, 1]]), np.array([[0.9, 0.6, 0.5, 0.5]])))
    assert recall.tolist() == [0.5, 1] and precision.tolist() == [1, 2 / 4]


@pytest.mark.parametrize("name", BOTH_CLASSES)
def test_every_roc_point_lies_on_the_exact_curve(name):
    truth, p = SCENES[name]
    across, up = roc_curve(rank(truth, p))
    wanted = scikit.roc_curve(truth.ravel(), p.ravel(), drop_intermediate=False)[:2]
    on_curve = np.abs(up - np.interp(across, *wanted)) < 1e-9  # where the curve jumps, any height is on it
    jumps = np.isin(np.round(across, 9), np.round(wanted[0][1:][np.diff(wanted[0]) == 0], 9))
    assert (on_curve | jumps).all()
    assert len(across) <= POINTS and (np.diff(across) >= 0).all() and (np.diff(up) >= 0).all()
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(up, across) == pytest.approx(auc_of(rank(truth, p)), abs=2 / POINTS)


@pytest.mark.parametrize("name", BOTH_CLASSES)
def test_every_precision_recall_point_is_an_exact_one(name):
    truth, p = SCENES[name]
    recall, precision = precision_recall_curve(rank(truth, p))
    wanted_precision, wanted_recall, _ = scikit.precision_recall_curve(truth.ravel(), p.ravel())
    wanted = np.stack([wanted_recall, wanted_precision], axis=-1)
    for point in zip(recall, precision, strict=True):
        assert np.abs(wanted - point).max(axis=1).min() < 1e-12
    assert len(recall) <= POINTS and recall[-1] == 1 and (np.diff(recall) > 0).all()


@pytest.mark.parametrize("name", BOTH_CLASSES)
def test_curves_of_a_histogram_are_the_same_to_1e_4(name):
    truth, p = SCENES[name]
    histogram = Histogram()
    for image in zip(truth, p, strict=True):
        histogram.update(*image)
    rates = roc_curve(histogram.ranking())
    false, true, _ = scikit.roc_curve(truth.ravel(), p.ravel(), drop_intermediate=False)
    for point in zip(*rates, strict=True):  # the nearest part of the exact polyline, corner or side
        assert np.hypot(*_nearest(point, false, true)) < 1e-4
    for one, other in zip(
        reliability_curve(histogram.calibration), reliability_curve(calibrate(truth, p)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def _nearest(point, x, y):
    """From a point to the nearest one of a polyline, as a vector."""
    start, side = np.stack([x, y], -1)[:-1], np.diff(np.stack([x, y], -1), axis=0)
    length = np.maximum((side**2).sum(-1), 1e-300)
    share = np.clip(((np.array(point) - start) * side).sum(-1) / length, 0, 1)
    gaps = start + share[:, None] * side - point
    return gaps[np.argmin((gaps**2).sum(-1))]


@pytest.mark.parametrize("name", ["no lesion", "all lesion"])
def test_a_missing_class_has_no_roc(name):
    truth, p = SCENES[name]
    assert [len(axis) for axis in roc_curve(rank(truth, p))] == [0, 0]
    recall, precision = precision_recall_curve(rank(truth, p))
    assert (precision == 1).all() and len(recall) == (0 if name == "no lesion" else POINTS)


def test_reliability_is_scikit_learns():
    truth, p = SCENES["even, float64"]
    mean, share, pixels = reliability_curve(calibrate(truth, p))
    wanted_share, wanted_mean = calibration_curve(truth.ravel(), p.ravel(), n_bins=15)
    np.testing.assert_allclose(share[pixels > 0], wanted_share)
    np.testing.assert_allclose(mean[pixels > 0], wanted_mean)
    assert pixels.sum() == truth.size


def test_a_bin_without_pixels_has_no_mean():
    mean, share, pixels = reliability_curve(calibrate(np.array([[0, 1]]), np.array([[0.01, 0.99]])))
    assert np.isnan(mean[1:14]).all() and np.isnan(share[1:14]).all() and pixels.tolist() == [1, *[0] * 13, 1]
