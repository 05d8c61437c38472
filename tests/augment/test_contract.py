"""What every augmentation keeps: one draw per seed, the mask a mask, image and mask in one place."""

import hashlib
import subprocess
import sys

import cv2
import numpy as np
import pytest

from ultraseg import catalogue

STEPS = catalogue.names("augment")
GEOMETRIC = ("flip", "rotation", "zoom")
SHAPES = [(48, 48, 1), (40, 64, 1), (64, 40, 3)]


def scene(shape, values=(60, 220)):
    """A bright disc off the centre on a dark ground, and its mask."""
    mask = cv2.circle(np.zeros(shape[:2], np.uint8), (shape[1] // 2 + 4, shape[0] // 2 - 5), 11, 1, -1)
    return np.repeat(np.where(mask, values[1], values[0]).astype(np.uint8)[..., None], shape[2], axis=-1), mask


def textured(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return cv2.GaussianBlur(image, (0, 0), 2).reshape(shape), scene(shape)[1]


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


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", GEOMETRIC)
def test_image_and_mask_move_together(name, shape):
    image, mask = scene(shape)
    step = catalogue.bind("augment", name)
    moved_at_all = 0
    for index in range(20):
        moved, outline = step(image, mask, (3, index))
        seen = moved[..., 0] > 140
        assert np.sum(seen & (outline == 1)) > 0.9 * np.sum(seen | (outline == 1))
        moved_at_all += bool((outline != mask).any())
    assert moved_at_all > 5


@pytest.mark.parametrize("name", [name for name in STEPS if name not in GEOMETRIC])
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
