"""A least area, by hand, and a share out of its range."""

import numpy as np
import pytest

from ultraseg.postprocess import minimum_area

MASK = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], np.uint8)


@pytest.mark.parametrize(("share", "left"), [(0.0, 3), (0.1, 3), (0.11, 2), (0.2, 2), (0.21, 0)])
def test_by_hand(share, left):
    # of 10 pixels one part has two, the other one
    assert minimum_area(MASK, share=share).sum() == left


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_its_range_is_refused(share):
    with pytest.raises(ValueError, match="minimum_area: share must be at least 0 and below 1"):
        minimum_area(MASK, share=share)
