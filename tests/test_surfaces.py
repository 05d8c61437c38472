"""Distances between edges: by hand, against SciPy's exact transform on 500 pairs, and on images of any size."""

import numpy as np
import pytest
from scipy import ndimage

from tests.metrics.pairs import KINDS, pairs
from ultraseg.surfaces import distances

PAIRS = list(pairs(500))


def slow(truth, found, pitch=(1.0, 1.0)):
    """The definition, without box, without OpenCV: both lists, in the order of the pixels."""
    edges = [mask & ~ndimage.binary_erosion(mask) for mask in (truth > 0, found > 0)]
    lists = []
    for start, target in (edges, edges[::-1]):
        apart = (
            ndimage.distance_transform_edt(~target, sampling=pitch) if target.any() else np.full(start.shape, np.inf)
        )
        lists.append(apart[start])
    return lists


def test_by_hand():
    truth, found = np.zeros((2, 8, 9), np.uint8)
    truth[1:4, 1:4] = 1  # nine pixels, whose centre is no edge
    found[2, 7] = 1
    measured = distances(truth, found)
    across = [np.hypot(6, 1), np.hypot(5, 1), np.hypot(4, 1)]
    np.testing.assert_allclose(measured.from_truth, [*across, 6, 4, *across])
    np.testing.assert_allclose(measured.from_found, [4])


def test_what_lies_outside_the_image_is_background():
    full = np.ones((4, 5), np.uint8)
    assert distances(full, full).from_truth.shape == (2 * 5 + 2 * 2,)


def test_a_pitch_stretches_each_direction_on_its_own():
    truth, found = np.zeros((2, 5, 5), np.uint8)
    truth[0, 0], found[4, 3] = 1, 1
    assert distances(truth, found, pitch=(0.5, 0.5)).from_truth == pytest.approx([2.5])
    assert distances(truth, found, pitch=(0.5, 2.0)).from_truth == pytest.approx([np.hypot(4 * 0.5, 3 * 2.0)])


@pytest.mark.parametrize("pitch", [(1.0, 1.0), (0.07, 0.07), (0.3, 0.11)])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_exact_transform(kind, pitch):
    own = [pair for pair in PAIRS if pair[0] == kind]
    assert len(own) >= 500 // len(KINDS)
    for _, truth, found in own:
        for got, wanted in zip(distances(truth, found, pitch=pitch), slow(truth, found, pitch), strict=True):
            assert got.dtype == np.float64
            np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)


def test_the_pairs_are_what_they_are_for():
    assert sum(1 in (truth.sum(), found.sum()) for _, truth, found in PAIRS) > 50
    border = [truth[0].any() or truth[:, 0].any() for _, truth, _ in PAIRS]
    parts = [ndimage.label(found, np.ones((3, 3)))[1] for _, _, found in PAIRS]
    assert sum(border) > 100 and sum(part > 1 for part in parts) > 100
    assert sum(not (truth & found).any() and truth.any() and found.any() for _, truth, found in PAIRS) > 50


@pytest.mark.parametrize("shape", [(1000, 1400), (1500, 1500), (3, 4000), (2500, 2500)])
def test_large_images_stay_exact(shape):
    """The second and later ones are beyond the squares that float32 is trusted with."""
    rng = np.random.default_rng(0)
    truth, found = (rng.random((2, *shape)) < 3e-6).astype(np.uint8)
    truth[0, 0] = found[-1, -1] = 1
    apart = np.linalg.norm(np.argwhere(truth)[:, None] - np.argwhere(found), axis=-1)
    measured = distances(truth, found)
    assert max(measured.from_truth.max(), measured.from_found.max()) > min(shape[1] / 8, 400)
    np.testing.assert_allclose(measured.from_truth, apart.min(1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(measured.from_found, apart.min(0), rtol=0, atol=1e-9)


def test_the_type_of_the_masks_does_not_matter():
    _, truth, found = PAIRS[5]
    expected = distances(truth, found)
    for dtype in (bool, np.int64, np.float32):
        np.testing.assert_array_equal(distances(truth.astype(dtype), found.astype(dtype)).from_truth, expected[0])


@pytest.mark.parametrize("pitch", [(0.0, 1.0), (1.0, -1.0), (1.0, float("nan")), (1.0, float("inf")), (1.0,)])
def test_a_pitch_that_is_none_is_refused(pitch):
    with pytest.raises(ValueError, match="surfaces: pitch must be two numbers above 0, got"):
        distances(np.ones((2, 2)), np.ones((2, 2)), pitch=pitch)


def test_masks_of_other_dimensions_are_refused():
    with pytest.raises(ValueError, match=r"surfaces: masks must be \[height, width\], got the shape \(2, 2, 1\)"):
        distances(np.ones((2, 2, 1)), np.ones((2, 2, 1)))
