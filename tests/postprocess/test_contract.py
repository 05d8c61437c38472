"""What every step after the threshold keeps: masks of 0 and 1 of the same shape, its input, and its own result."""

import numpy as np
import pytest

from ultraseg import catalogue

STEPS = catalogue.names("postprocess")
RNG = np.random.default_rng(0)
MASKS = {
    "sparse": (RNG.random((30, 41)) < 0.05).astype(np.uint8),
    "dense": (RNG.random((30, 41)) < 0.7).astype(np.uint8),
    "empty": np.zeros((30, 41), np.uint8),
    "full": np.ones((30, 41), np.uint8),
    "a pixel": np.eye(1, 1, dtype=np.uint8),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("name", STEPS)
def test_a_mask_stays_a_mask_and_a_second_time_changes_nothing(name, mask):
    step = catalogue.bind("postprocess", name)
    before = mask.copy()
    once = step(mask)
    assert once.dtype == np.uint8 and once.shape == mask.shape and set(np.unique(once)) <= {0, 1}
    np.testing.assert_array_equal(mask, before)
    np.testing.assert_array_equal(step(once), once)


@pytest.mark.parametrize("mask", [MASKS["empty"], MASKS["full"]], ids=["empty", "full"])
@pytest.mark.parametrize("name", STEPS)
def test_nothing_and_everything_stay(name, mask):
    np.testing.assert_array_equal(catalogue.bind("postprocess", name)(mask), mask)
