"""From probabilities to a mask, and the threshold that validation chooses: by hand."""

import numpy as np
import pytest

from ultraseg.decision import CANDIDATES, decide, tune

P = np.array([[0.9, 0.5, 0.2], [0.0, 0.6, 0.3]], np.float32)


def test_a_pixel_at_the_threshold_is_background():
    assert decide(P, threshold=0.5).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert decide(P, threshold=0.25).dtype == np.uint8


def test_steps_follow_in_their_order():
    p = np.array([[0.9, 0.9, 0.9, 0.0, 0.9], [0.9, 0.1, 0.9, 0.0, 0.0], [0.9, 0.9, 0.9, 0.0, 0.0]])
    found = decide(p, threshold=0.5, steps=[{"largest_component": {}}, {"fill_holes": {}}])
    assert found[:, :3].all() and found[:, 3:].sum() == 0


def test_the_threshold_of_best_mean_dice_by_hand():
    # truth wants the three most probable pixels: thresholds 0.3 to below 0.5 give Dice 1
    truth = (P > 0.4).astype(np.uint8)
    best, means = tune([(truth, P)])
    assert best == 0.45 and means[best] == 1  # of 0.3, 0.35, 0.4 and 0.45 the nearest to 0.5
    assert means[0.5] == pytest.approx(2 * 2 / (2 * 2 + 1)) and means[0.25] == pytest.approx(2 * 3 / (2 * 3 + 1))
    assert list(means) == list(CANDIDATES)


def test_it_is_the_mean_over_images_not_over_pixels():
    # a large image that wants 0.2 and two small ones that want 0.7
    large = (np.ones((50, 50), np.uint8), np.full((50, 50), 0.3))
    small = (np.array([[1, 0]], np.uint8), np.array([[0.9, 0.6]]))
    best, _ = tune([large, small, small])
    assert best == 0.25  # large 1, small 2/3 each: mean 0.78; from 0.6 on large 0, small 1: 0.67
    assert tune([large, *[small] * 9])[0] == 0.6


def test_steps_are_part_of_the_choice():
    # a bright speck: alone it costs precision at any threshold, dropped it does not
    truth = np.zeros((10, 10), np.uint8)
    truth[:4, :4] = 1
    p = np.where(truth, 0.6, 0.1)
    p[9, 9] = 0.9
    assert tune([(truth, p)])[1][0.5] < 1
    assert tune([(truth, p)], steps=[{"minimum_area": {"share": 0.05}}])[1][0.5] == 1


def test_without_images_there_is_no_choice():
    with pytest.raises(ValueError, match="threshold: tuned wants validation images"):
        tune([])
