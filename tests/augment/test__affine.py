"""The affine map: by hand for a whole-pixel shift; and why Keras' own random layers do not do its work."""

import cv2
import keras
import numpy as np
import pytest

from ultraseg.augment._affine import affine


def test_a_shift_by_whole_pixels_and_the_mirror_beyond_the_edge():
    image = np.arange(5, dtype=np.uint8).reshape(1, 5, 1) * 10
    mask = np.array([[0, 1, 0, 0, 0]], np.uint8)
    moved, outline = affine(image, mask, np.array([[1.0, 0, 2], [0, 1.0, 0]]))
    # two to the right; from the left come 2 and 1, mirrored about 0
    assert moved.ravel().tolist() == [20, 10, 0, 10, 20]
    assert outline.ravel().tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("channels", [1, 3])
def test_the_channel_axis_stays(channels):
    image, mask = np.zeros((4, 6, channels), np.uint8), np.zeros((4, 6), np.uint8)
    moved, outline = affine(image, mask, np.eye(2, 3))
    assert moved.shape == image.shape and outline.shape == mask.shape


LAYERS = {
    "RandomRotation": lambda: keras.layers.RandomRotation((0.1, 0.1), seed=1),
    "RandomZoom": lambda: keras.layers.RandomZoom((-0.4, -0.4), seed=1),
    "RandomFlip": lambda: keras.layers.RandomFlip("horizontal", seed=1),
}


@pytest.mark.parametrize("name", LAYERS)
def test_keras_layers_move_a_mask_only_if_it_is_called_segmentation_masks(name):
    """Why not Keras' RandomRotation, RandomZoom and RandomFlip (3.15).

    Given as `segmentation_masks`, they move a mask with its image and keep it in {0, 1}. But a mask given as
    `labels`, the second half of every (x, y) pair, stays where it was while its image moves; and one mapped as
    an image is blurred. The draw hangs on how often the layer was called before and not on (seed, epoch,
    index), so that a training which was interrupted would go on with other pictures.
    """
    mask = cv2.circle(np.zeros((64, 64), np.uint8), (44, 20), 9, 1, -1)[None, ..., None]
    image = mask * np.float32(255)

    def overlap(found, key):
        seen, outline = np.asarray(found["images"]) > 127, np.asarray(found[key]) > 0
        assert set(np.unique(found[key])) <= {0, 1}
        return np.sum(seen & outline) / np.sum(seen | outline)

    layer = LAYERS[name]()
    together = [overlap(layer({"images": image, "segmentation_masks": mask}), "segmentation_masks") for _ in range(8)]
    apart = [overlap(layer({"images": image, "labels": mask}), "labels") for _ in range(8)]
    assert min(together) > 0.9
    assert min(apart) < 0.8


def test_keras_layers_blur_a_mask_that_is_mapped_as_an_image():
    mask = cv2.circle(np.zeros((64, 64), np.float32), (44, 20), 9, 1, -1)[None, ..., None]
    assert len(np.unique(LAYERS["RandomRotation"]()(mask))) > 10


def test_keras_layers_draw_by_the_number_of_calls():
    image = np.random.default_rng(0).random((1, 16, 16, 1), np.float32)
    straight, resumed = (keras.layers.RandomRotation(0.2, seed=1) for _ in range(2))
    first, second = np.asarray(straight(image)), np.asarray(straight(image))
    assert (first != second).any()
    np.testing.assert_array_equal(resumed(image), first)  # and not the second, where it should go on
