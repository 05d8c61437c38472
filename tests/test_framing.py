"""Framing: the windows of every policy by hand, and the way back as the exact inverse of the way in."""

import numpy as np
import pytest

from ultraseg.framing import POLICIES, Framing, Window, crop, framing, letterbox, restored, stretch
from ultraseg.preprocess import resize


def test_the_whole_image_fills_the_whole_picture_when_stretched():
    assert stretch((30, 50), (8, 9)) == Framing(Window(0, 0, 30, 50), Window(0, 0, 8, 9))


@pytest.mark.parametrize(
    ("shape", "size", "filled"),
    [
        ((30, 60), (20, 20), (5, 0, 10, 20)),  # a third of 30x60 is 10x20; (20 - 10) / 2 rows above
        ((60, 30), (20, 20), (0, 5, 20, 10)),
        ((30, 60), (21, 20), (5, 0, 10, 20)),  # 11 rows of margin: 5 above and 6 below
        ((60, 30), (20, 21), (0, 5, 20, 10)),  # 11 columns: 5 on the left and 6 on the right
        ((10, 10), (40, 60), (0, 10, 40, 40)),  # it grows
        ((20, 30), (40, 60), (0, 0, 40, 60)),  # the same aspect ratio: no margin
        ((2, 7), (4, 3), (1, 0, 1, 3)),  # 2 * 3 / 7 = 0.86 rows, rounded to 1; 3 rows of margin
        ((1, 999), (8, 8), (3, 0, 1, 8)),  # never less than one pixel
        ((4, 3), (2, 8), (0, 3, 2, 2)),  # 3 * 2 / 4 = 1.5 columns, the half rounded up
    ],
)
def test_letterbox_by_hand(shape, size, filled):
    assert letterbox(shape, size) == Framing(Window(0, 0, *shape), Window(*filled))


@pytest.mark.parametrize(
    ("shape", "size", "seen"),
    [
        ((30, 60), (20, 20), (0, 15, 30, 30)),  # the square in the middle
        ((61, 30), (10, 10), (15, 0, 30, 30)),  # 31 rows stand out: 15 above and 16 below
        ((30, 60), (20, 40), (0, 0, 30, 60)),
        ((30, 60), (10, 40), (7, 0, 15, 60)),  # 60 columns on 40, so 10 rows show 15
    ],
)
def test_crop_by_hand(shape, size, seen):
    assert crop(shape, size) == Framing(Window(*seen), Window(0, 0, *size))


def test_a_window_is_a_part_of_an_image():
    assert Window(1, 2, 2, 1).of(np.arange(12).reshape(3, 4)).tolist() == [[6], [10]]


def test_letterbox_comes_back_without_its_margins():
    # 2x4 in 4x4: rows 1 and 2 show the image, what the network says in the margins is gone
    picture = np.array([[9, 9, 9, 9], [0, 1, 2, 3], [4, 5, 6, 7], [9, 9, 9, 9]], np.float32) / 10
    found = restored(picture, (2, 4), policy="letterbox")
    np.testing.assert_array_equal(found, picture[1:3])


def test_crop_comes_back_with_nothing_where_the_network_saw_nothing():
    # of 2x4 the middle 2x2 are seen
    picture = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    found = restored(picture, (2, 4), policy="crop")
    np.testing.assert_array_equal(found, np.array([[0, 0.1, 0.2, 0], [0, 0.3, 0.4, 0]], np.float32))


def test_stretch_comes_back_between_the_pixels():
    # new centres lie at -0.25, 0.25, 0.75 and 1.25 of the old pixels; outside the edge counts
    found = restored(np.array([[0, 1]], np.float32), (1, 4))
    np.testing.assert_allclose(found, [[0, 0.25, 0.75, 1]], atol=1e-6)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shape", [(60, 100), (100, 60), (64, 64), (33, 47), (240, 320)])
def test_a_mask_that_went_in_comes_back_where_it_was(policy, shape):
    rows, columns = np.indices(shape)
    mask = ((rows - shape[0] * 0.45) ** 2 + (columns - shape[1] * 0.55) ** 2 < (min(shape) / 4) ** 2).astype(np.uint8)
    picture = resize(mask * np.uint8(255), size=(96, 96), interpolation="bilinear", policy=policy) / np.float32(255)
    found = restored(picture, shape, policy=policy)
    assert found.shape == shape and found.dtype == np.float32 and 0 <= found.min() <= found.max() <= 1
    there = np.array([[rows[m].mean(), columns[m].mean()] for m in (mask > 0, found > 0.5)])
    np.testing.assert_allclose(there[0], there[1], atol=0.3)
    overlap = np.sum((found > 0.5) & (mask > 0)) / np.sum((found > 0.5) | (mask > 0))
    assert overlap > 0.95


@pytest.mark.parametrize("policy", POLICIES)
def test_an_image_of_the_pictures_size_is_left_alone(policy):
    picture = np.random.default_rng(0).random((12, 17), np.float32)
    np.testing.assert_array_equal(restored(picture, (12, 17), policy=policy), picture)


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="policy must be one of stretch, letterbox, crop, got 'pad'"):
        framing((3, 3), (4, 4), policy="pad")
