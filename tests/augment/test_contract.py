"""What every augmentation keeps: one draw per seed, the mask a mask, image and mask in one place."""

import hashlib
import subprocess
import sys

import cv2
import numpy as np
import pytest

from ultraseg import catalogue

STEPS = catalogue.names("augment")
GEOMETRIC = ("elastic", "flip", "lesion_crop", "random_resized_crop", "report_001", "rotation", "zoom")
PHOTOMETRIC = [name for name in STEPS if name not in GEOMETRIC]
SHAPES = [(48, 48, 1), (40, 64, 1), (64, 40, 3), (33, 47, 3)]
LANDMARKS = [(10, 12), (30, 15), (20, 34)]
"""Rows and columns of the middles of three discs in 48 x 48 pixels."""


def scene(shape, values=(60, 220)):
    """A bright disc off the centre on a dark ground, and its mask."""
    mask = cv2.circle(np.zeros(shape[:2], np.uint8), (shape[1] // 2 + 4, shape[0] // 2 - 5), 11, 1, -1)
    return np.repeat(np.where(mask, values[1], values[0]).astype(np.uint8)[..., None], shape[2], axis=-1), mask


def textured(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return cv2.GaussianBlur(image, (0, 0), 2).reshape(shape), scene(shape)[1]


def landmark(row, column):
    """A bright disc in the image and the same disc in the mask, four times as large as `LANDMARKS` says."""
    mask = cv2.circle(np.zeros((192, 192), np.uint8), (4 * column, 4 * row), 22, 255, -1)
    return np.where(mask, 190, 40).astype(np.uint8)[..., None], mask


def centroid(marked):
    return np.array([axis.mean() for axis in np.nonzero(marked)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", STEPS)
def test_shape_type_and_mask_values_stay_and_the_input_too(name, shape):
    image, mask = textured(shape)
    before = image.copy(), mask.copy()
    step = catalogue.bind("augment", name)
    for index in range(10):
        moved, outline = step(image, mask, (0, 0, index))
        assert moved.shape == shape and moved.dtype == np.uint8
        assert outline.shape == shape[:2] and outline.dtype == np.uint8
        assert set(np.unique(outline)) <= {0, 1}
        # the cache holds masks as 0 and 255, where any blending would show
        np.testing.assert_array_equal(step(image, mask * np.uint8(255), (0, 0, index))[1], outline * 255)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(mask, before[1])


@pytest.mark.parametrize("name", STEPS)
def test_a_seed_is_a_draw(name):
    image, mask = textured(SHAPES[1])
    step = catalogue.bind("augment", name)
    draws = [step(image, mask, (1, 2, index, 0)) for index in range(12)]
    for index, (moved, outline) in enumerate(draws):
        again, outline_again = step(image, mask, (1, 2, index, 0))
        np.testing.assert_array_equal(moved, again)
        np.testing.assert_array_equal(outline, outline_again)
    distinct = len({moved.tobytes() for moved, _ in draws})
    assert distinct == 2 if name == "flip" else distinct > 9  # by default a flip is left-right or none


@pytest.mark.parametrize("name", GEOMETRIC)
def test_landmarks_move_together(name):
    step = catalogue.bind("augment", name)
    seen_moving, compared = 0, 0
    for index in range(24):
        for row, column in LANDMARKS:
            image, mask = landmark(row, column)
            moved, outline = step(image, mask, (3, index))
            ground, disc = int(moved.min()), int(moved.max())  # report_001 changes them
            seen = moved[..., 0] > max((ground + disc) / 2, 85)
            assert set(np.unique(outline)) <= {0, 255}
            # a crop may leave a sliver of a disc at the edge, or nothing
            if min(seen.sum(), np.count_nonzero(outline)) > 200:
                assert np.abs(centroid(seen) - centroid(outline)).max() < 1
                overlap = np.sum(seen & (outline > 0)) / np.sum(seen | (outline > 0))
                assert overlap > 0.9
                compared += 1
            else:
                assert abs(int(seen.sum()) - np.count_nonzero(outline)) < 80
            seen_moving += bool((outline != mask).any())
    assert seen_moving > 20 and compared > 40


@pytest.mark.parametrize("name", STEPS)
def test_structures_move_as_their_union_does(name):
    image, mask = textured((33, 47, 1))
    rows = np.arange(33)[:, None]
    structures = np.stack([mask * (rows < 10), mask * (rows >= 10), np.zeros_like(mask)], axis=-1).astype(np.uint8)
    step = catalogue.bind("augment", name)
    for index in range(6):
        moved, outline = step(image, mask, (4, index))
        also_moved, outlines = step(image, structures, (4, index))
        assert outlines.shape == structures.shape and outlines.dtype == np.uint8
        np.testing.assert_array_equal(also_moved, moved)
        np.testing.assert_array_equal(outlines.max(-1), outline)
        assert outlines.sum(-1).max() <= 1
        np.testing.assert_array_equal(step(image, structures[..., ::-1], (4, index))[1], outlines[..., ::-1])
        assert step(image, structures[..., :1], (4, index))[1].shape == (33, 47, 1)


@pytest.mark.parametrize("name", PHOTOMETRIC)
def test_a_step_on_grey_values_leaves_the_mask_alone(name):
    image, mask = textured(SHAPES[0])
    moved, outline = catalogue.bind("augment", name)(image, mask, (0,))
    assert outline is mask and (moved != image).any()


@pytest.mark.parametrize("name", STEPS)
def test_channels_are_treated_alike(name):
    grey, mask = textured(SHAPES[0])
    step = catalogue.bind("augment", name)
    one, _ = step(grey, mask, (5,))
    three, _ = step(np.repeat(grey, 3, axis=-1), mask, (5,))
    np.testing.assert_array_equal(three, np.repeat(one, 3, axis=-1))


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("shape", [(33, 47, 1), (1, 1, 1), (2, 5, 3)])
@pytest.mark.parametrize("value", [0, 255])
def test_an_image_of_one_value_without_a_lesion_is_no_special_case(name, shape, value):
    image, mask = np.full(shape, value, np.uint8), np.zeros(shape[:2], np.uint8)
    step = catalogue.bind("augment", name)
    for index in range(5):
        moved, outline = step(image, mask, (6, index))
        assert moved.shape == shape and moved.dtype == np.uint8 and outline.shape == mask.shape
        assert not outline.any()
        if name in set(GEOMETRIC) - {"report_001"}:
            np.testing.assert_array_equal(moved, image)


def test_a_draw_is_the_same_in_another_process():
    code = (
        "import hashlib; from tests.augment.test_contract import *\n"
        "for name in STEPS:\n"
        "    moved, outline = catalogue.bind('augment', name)(*textured(SHAPES[2]), (1, 2, 3))\n"
        "    print(hashlib.sha256(moved.tobytes() + outline.tobytes()).hexdigest())\n"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    pairs = [catalogue.bind("augment", name)(*textured(SHAPES[2]), (1, 2, 3)) for name in STEPS]
    assert there == [hashlib.sha256(moved.tobytes() + outline.tobytes()).hexdigest() for moved, outline in pairs]
