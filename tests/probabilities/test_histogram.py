"""Pooled measures within 1e-4 of the exact ones, image by image, on distributions that try the levels."""

import numpy as np
import pytest

from tests.probabilities.scenes import SCENES
from ultraseg.metrics.auc import auc, auc_of
from ultraseg.metrics.average_precision import average_precision, average_precision_of
from ultraseg.metrics.brier import brier, brier_of
from ultraseg.metrics.expected_calibration_error import expected_calibration_error, expected_calibration_error_of
from ultraseg.probabilities import Histogram
from ultraseg.probabilities.histogram import LEVELS, _level

EXACT = {auc: auc_of, average_precision: average_precision_of}
EXACT |= {brier: brier_of, expected_calibration_error: expected_calibration_error_of}


def pooled(truth, probability):
    histogram = Histogram()
    for image in zip(truth, probability, strict=True):
        histogram.update(*image)
    return histogram


@pytest.mark.parametrize("name", SCENES)
def test_pooled_measures_are_the_exact_ones_to_1e_4(name):
    truth, probability = SCENES[name]
    histogram = pooled(truth, probability)
    for exact, of in EXACT.items():
        measured = of(histogram.ranking() if of in (auc_of, average_precision_of) else histogram.calibration)
        tolerance = 1e-4 if of in (auc_of, average_precision_of) else 1e-9
        assert measured == pytest.approx(exact(truth, probability), abs=tolerance, nan_ok=True), exact.__name__


def test_a_million_pixels_in_a_narrow_peak():
    """Where a level holds many pixels: log-odds within 0.1 of one value, and a lesion that is known by 0.1 more."""
    rng = np.random.default_rng(1)
    truth = (rng.random((4, 512, 512)) < 0.1).astype(np.uint8)
    probability = (1 / (1 + np.exp(2.3 - 0.1 * truth - rng.normal(0, 0.1, truth.shape)))).astype(np.float32)
    ranking = pooled(truth, probability).ranking()
    assert ranking.lesion.mean() > 2
    assert auc_of(ranking) == pytest.approx(auc(truth, probability), abs=1e-5)
    assert average_precision_of(ranking) == pytest.approx(average_precision(truth, probability), abs=1e-4)


def test_every_pixel_is_counted_once_and_histograms_add_up():
    truth, probability = SCENES["even"]
    whole, first, rest = (pooled(truth[part], probability[part]) for part in (slice(3), slice(1), slice(1, 3)))
    assert whole.levels.shape == (2, LEVELS) and whole.levels.dtype == np.int64
    assert whole.levels.sum(1).tolist() == [(truth == 0).sum(), truth.sum()]
    both = first + rest
    np.testing.assert_array_equal(both.levels, whole.levels)
    for one, other in zip(both.calibration, whole.calibration, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert first.levels.sum() == truth[0].size  # what was added is left alone


def test_it_goes_on_from_what_was_kept():
    truth, probability = SCENES["even"]
    kept = pooled(truth[:2], probability[:2])
    again = Histogram(levels=kept.levels.copy(), calibration=kept.calibration)
    again.update(truth[2], probability[2])
    np.testing.assert_array_equal(again.levels, pooled(truth, probability).levels)
    assert brier_of(again.calibration) == pytest.approx(brier(truth, probability), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_levels_ascend_to_the_ends_of_each_float(dtype):
    tiny, one = np.finfo(dtype).smallest_subnormal, dtype(1)
    low = [dtype(0), tiny, np.finfo(dtype).tiny, dtype(1e-9), dtype(0.1), dtype(0.4999), dtype(0.5), dtype(0.5001)]
    high = [dtype(0.9), np.nextafter(np.nextafter(one, dtype(0)), dtype(0)), np.nextafter(one, dtype(0)), one]
    levels = _level(np.array(low + high, dtype))
    assert (np.diff(levels) > 0).all() and levels[0] >= 0 and levels[-1] < LEVELS
    assert levels[6] == pytest.approx((LEVELS - 1) / 2, abs=0.5)


def test_equal_probabilities_are_equal_in_every_float():
    halves = np.array([0.5, 0.25, 0.0, 1.0])
    np.testing.assert_array_equal(_level(halves), _level(halves.astype(np.float32)))


def test_a_level_is_as_wide_as_it_is_said():
    for odds, width in ((0, 1.5e-5), (np.log(9), 2.5e-5), (np.log(2.0**24), 1.6e-4)):
        step = np.array([-width, 0, width]) * 1.05 + odds
        levels = _level(1 / (1 + np.exp(-step)))
        assert (np.diff(levels) >= 1).all() and levels[2] - levels[0] <= 3


def test_an_empty_histogram_has_no_ranking():
    assert np.isnan(auc_of(Histogram().ranking()))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused_and_nothing_is_added(wrong):
    histogram = Histogram()
    with pytest.raises(ValueError, match=r"metrics: probabilities must be numbers in \[0, 1\], got"):
        histogram.update(np.array([[0, 1]]), np.array([[0.5, wrong]]))
    assert histogram.levels.sum() == 0 and histogram.calibration.pixels.sum() == 0
