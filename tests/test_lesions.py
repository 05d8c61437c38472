"""Components, their matching and their diameters: by hand, and against SciPy on random masks."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist

from tests.metrics.pairs import pairs
from ultraseg.lesions import compare

PAIRS = list(pairs(180, seed=1))
EIGHT = np.ones((3, 3))


def drawn(*boxes):
    mask = np.zeros((20, 30), np.uint8)
    for top, left, height, width in boxes:
        mask[top : top + height, left : left + width] = 1
    return mask


def slow_overlaps(truth, found):
    """IoU of every lesion with every component, `[lesions, components]`."""
    (labels, lesions), (found_labels, components) = (ndimage.label(mask, EIGHT) for mask in (truth, found))
    table = np.zeros((lesions, components))
    for i in range(lesions):
        for j in range(components):
            one, other = labels == i + 1, found_labels == j + 1
            table[i, j] = (one & other).sum() / (one | other).sum()
    return table


def slow_diameter(mask, pitch):
    """The greatest distance of two corners of one component's pixels."""
    labels, number = ndimage.label(mask, EIGHT)
    lengths = [0.0]
    for label in range(1, number + 1):
        pixels = np.argwhere(labels == label)
        corners = np.unique(np.concatenate([pixels + [y, x] for y in (0, 1) for x in (0, 1)]), axis=0)
        lengths.append(pdist(corners * pitch).max())
    return max(lengths)


def test_by_hand():
    truth = drawn((0, 0, 4, 4), (10, 10, 2, 2), (15, 0, 1, 1))
    found = drawn((0, 2, 4, 4), (10, 10, 2, 1), (15, 20, 3, 3))
    lesions = compare(truth, found)
    assert (lesions.lesions, lesions.components) == (3, 3)
    # shared 2 of 4 pixels; shared 8 of 24
    assert lesions.overlaps == pytest.approx([2 / 4, 8 / 24])
    assert [lesions.matched(overlap) for overlap in (0.1, 1 / 3, 0.34, 0.5, 0.51)] == [2, 2, 1, 1, 0]
    assert lesions.diameters == pytest.approx((np.hypot(4, 4), np.hypot(4, 4)))


def test_pixels_that_touch_by_a_corner_are_one_component():
    lesions = compare(np.eye(4, dtype=np.uint8), np.eye(4, dtype=np.uint8)[::-1] * 0)
    assert (lesions.lesions, lesions.components) == (1, 0)
    assert lesions.diameters == pytest.approx((np.hypot(4, 4), 0))


def test_each_lesion_and_each_component_is_matched_once_the_best_pair_first():
    one_over_two = compare(drawn((0, 0, 4, 4), (0, 6, 4, 8)), drawn((0, 0, 4, 14)))
    assert one_over_two.overlaps == pytest.approx([32 / 56])
    two_in_one = compare(drawn((0, 0, 4, 14)), drawn((0, 0, 4, 4), (0, 6, 4, 8)))
    assert two_in_one.overlaps == pytest.approx([32 / 56])


def test_greedy_takes_the_best_pair_where_another_matching_has_more_pairs():
    # lesions of 10 and 3 pixels, components of 1 and 10: the larger two share 8 of 12, which leaves no second pair,
    # while the larger lesion with the small component and the small lesion with the larger component would be two
    truth, found = drawn((0, 0, 1, 10), (0, 11, 1, 3)), drawn((0, 2, 1, 10), (0, 0, 1, 1))
    np.testing.assert_allclose(slow_overlaps(truth, found), [[1 / 10, 8 / 12], [0, 1 / 12]])
    assert compare(truth, found).overlaps == pytest.approx([8 / 12])


def test_empty_masks():
    empty, lesion = drawn(), drawn((0, 0, 3, 4))
    for truth, found, numbers, diameters in (
        (empty, empty, (0, 0), (0, 0)),
        (empty, lesion, (0, 1), (0, 5)),
        (lesion, empty, (1, 0), (5, 0)),
    ):
        lesions = compare(truth, found)
        assert (lesions.lesions, lesions.components) == numbers and lesions.diameters == pytest.approx(diameters)
        assert lesions.overlaps.shape == (0,) and lesions.matched(0.1) == 0


def test_random_masks_have_scipys_components_and_above_one_half_the_optimal_matching():
    tables = 0
    for _, truth, found in PAIRS:
        table = slow_overlaps(truth, found) if ndimage.label(truth)[1] * ndimage.label(found)[1] < 400 else None
        lesions = compare(truth, found)
        assert lesions.lesions == ndimage.label(truth, EIGHT)[1]
        assert lesions.components == ndimage.label(found, EIGHT)[1]
        if table is not None and table.size:
            tables += 1
            best = table[linear_sum_assignment(table * (table > 0.5), maximize=True)]
            assert lesions.matched(0.500001) == (best > 0.5).sum()
            best = table[linear_sum_assignment(table, maximize=True)]
            assert lesions.overlaps.sum() <= best.sum() + 1e-12
            assert set(np.round(lesions.overlaps, 12)) <= set(np.round(table.ravel(), 12))
            assert (np.diff(lesions.overlaps) <= 0).all()
    assert tables > 90


@pytest.mark.parametrize("pitch", [(1.0, 1.0), (0.2, 0.5)])
def test_the_diameter_is_the_greatest_distance_of_two_corners(pitch):
    for _, truth, found in PAIRS[::2]:
        expected = (slow_diameter(truth, pitch), slow_diameter(found, pitch))
        assert compare(truth, found, pitch=pitch).diameters == pytest.approx(expected)


@pytest.mark.parametrize("overlap", [0, -0.1, 1.1, float("nan")])
def test_an_overlap_that_is_none_is_refused(overlap):
    with pytest.raises(ValueError, match=r"lesions: overlap must be above 0 and at most 1, got"):
        compare(drawn(), drawn()).matched(overlap)


def test_bad_pitch_and_shape_are_refused():
    with pytest.raises(ValueError, match="lesions: pitch must be two numbers above 0, got"):
        compare(drawn(), drawn(), pitch=(1.0, 0.0))
    with pytest.raises(ValueError, match=r"lesions: masks must be \[height, width\], got the shape \(2,\)"):
        compare(np.ones(2), np.ones(2))
