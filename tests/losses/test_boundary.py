"""Boundary loss: by hand, without an outline, and the published formula but for a constant."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from ultraseg.losses import boundary


def value(truth, logits):
    return float(boundary(np.asarray(truth, np.float32), np.asarray(logits, np.float32))[0])


def test_by_hand():
    # a row of 4 pixels, the first the lesion; the outline lies half a pixel from the first two
    truth = np.array([1, 0, 0, 0]).reshape(1, 1, 4, 1)
    diagonal = np.sqrt(1 + 16)
    for pixel, distance in enumerate([0.5, 0.5, 1.5, 2.5]):
        logits = 60.0 * truth - 30
        logits[0, 0, pixel] *= -1
        assert value(truth, logits) == pytest.approx(distance / diagonal / 4, rel=1e-5)
    # half sure everywhere
    assert value(truth, 0 * truth) == pytest.approx(0.5 * (0.5 + 0.5 + 1.5 + 2.5) / diagonal / 4, rel=1e-5)


@pytest.mark.parametrize("mask", [0, 1])
def test_without_an_outline_every_pixel_is_a_diagonal_away(mask):
    truth, diagonal = np.full((1, 3, 4, 1), mask), 5
    logits = np.full(truth.shape, 30.0 - 60 * mask)
    assert value(truth, logits) == pytest.approx((diagonal - 0.5) / diagonal, rel=1e-6)
    assert value(truth, -logits) == pytest.approx(0, abs=1e-6)


def test_it_is_kervadecs_integral_but_for_the_term_without_the_prediction():
    rng = np.random.default_rng(0)
    mask = np.zeros((20, 24), bool)
    mask[5:12, 8:20] = True
    outside, inside = distance_transform_edt(~mask), distance_transform_edt(mask)
    level = (np.where(mask, 0.5 - inside, outside - 0.5)) / np.hypot(20, 24)
    published = [np.mean(level / (1 + np.exp(-logits))) for logits in rng.normal(0, 2, (2, 20, 24))]
    rng = np.random.default_rng(0)
    ours = [value(mask[None, ..., None], logits[None, ..., None]) for logits in rng.normal(0, 2, (2, 20, 24))]
    assert ours[0] - ours[1] == pytest.approx(published[0] - published[1], rel=1e-3)
    assert ours[0] == pytest.approx(published[0] - np.mean(level * mask), rel=1e-4)


def test_it_does_not_grow_with_the_image():
    small, large = ((np.indices((side, side)) < side // 2).all(0)[None, ..., None] for side in (16, 128))
    costs = [value(mask, np.where(mask, -30, 30)) for mask in (small, large)]
    assert costs[1] == pytest.approx(costs[0], rel=0.2)
