"""Report 001's recipe: its steps in its order, each with a draw of its own, and the mask a mask."""

from collections import Counter

import cv2
import numpy as np
import pytest

from ultraseg.augment import colour_jitter, report_001

IMAGE = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8), (0, 0), 3)
MASK = cv2.circle(np.zeros((48, 48), np.uint8), (30, 18), 9, 255, -1)


def test_the_colours_are_those_of_colour_jitter_and_each_flip_has_a_chance_of_one_half():
    # all of a square at another aspect ratio never fits, so that the crop is the whole image
    flips = Counter()
    for index in range(400):
        moved, outline = report_001(IMAGE, MASK, (index,), scale=(1.0, 1.0))
        coloured, _ = colour_jitter(IMAGE, MASK, (index,), brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1)
        ways = [(down, across) for down in (1, -1) for across in (1, -1)]
        [way] = [way for way in ways if np.array_equal(moved, coloured[:: way[0], :: way[1]])]
        np.testing.assert_array_equal(outline, MASK[:: way[0], :: way[1]])
        flips[way] += 1
    # 400 draws of a quarter: standard deviation 8.7
    assert all(count == pytest.approx(100, abs=35) for count in flips.values()) and len(flips) == 4


def test_areas_and_flips_are_drawn_apart():
    sizes = {False: [], True: []}
    for index in range(300):
        outline = report_001(IMAGE, MASK, (index,), scale=(0.5, 1.0))[1]
        rows, columns = np.nonzero(outline)
        if len(rows):
            sizes[bool(columns.mean() < 24)].append(np.count_nonzero(outline))
    means = [np.mean(found) for found in sizes.values()]
    assert means[0] == pytest.approx(means[1], rel=0.15) and min(map(len, sizes.values())) > 80


def test_colours_leave_the_mask_alone():
    """The report jittered and blurred it: 39 % of its backgrounds were lifted above 0."""
    for index in range(100):
        assert set(np.unique(report_001(IMAGE, MASK, (index,))[1])) <= {0, 255}


def test_the_reports_scale_misses_lesions_and_a_larger_one_does_not():
    small = cv2.circle(np.zeros((48, 48), np.uint8), (30, 18), 6, 255, -1)  # 5 % of the image, about BUSI's median

    def missed(*scale):
        return sum(not report_001(IMAGE, small, (index,), scale=scale)[1].any() for index in range(200))

    assert missed(0.08, 1.0) > 10 and missed(0.5, 1.0) == 0


def test_a_scale_out_of_order_is_refused():
    with pytest.raises(ValueError, match="scale must be two shares"):
        report_001(IMAGE, MASK, (0,), scale=(1.0, 0.5))
