"""Every augmentation inside `tf.data`, as a training meets it: the pixels that the step gives when it is called."""

import cv2
import numpy as np
import pytest

from ultraseg import catalogue, pipeline

STEPS = catalogue.names("augment")


@pytest.mark.parametrize("channels", [1, 3])
def test_a_training_shows_what_the_steps_give_eagerly(channels):
    rng = np.random.default_rng(0)
    images = cv2.GaussianBlur(rng.integers(0, 256, (33, 47, 4 * channels), np.uint8), (0, 0), 2)
    images = np.ascontiguousarray(images.reshape(33, 47, 4, channels).transpose(2, 0, 1, 3))
    masks = np.stack([cv2.circle(np.zeros((33, 47), np.uint8), (15 + 4 * n, 15), 9, 255, -1) for n in range(4)])
    cache = pipeline.Cache(images, masks, np.full((4, 2), (33, 47), np.int32))
    given = {"classes": 1, "batch": 3, "augment": STEPS, "seed": 7, "epoch": 2}
    shown = [[part.numpy() for part in batch] for batch in pipeline.training(cache, range(4), **given)]
    found, truth = (np.concatenate(part) for part in zip(*shown, strict=True))
    order = np.random.default_rng((7, 2)).permutation(4)
    for place, index in enumerate(order):
        image, mask = images[index], masks[index]
        for number, name in enumerate(STEPS):
            image, mask = catalogue.bind("augment", name)(image, mask, (7, 2, int(index), number))
        np.testing.assert_array_equal(found[place], image)
        np.testing.assert_array_equal(truth[place, ..., 0], mask / 255)
