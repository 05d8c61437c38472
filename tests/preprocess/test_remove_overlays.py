"""Removal of overlays: what was drawn is painted over, the rest stays as it was."""

import cv2
import numpy as np
import pytest

from ultraseg import overlays
from ultraseg.datasets.phantom import draw
from ultraseg.preprocess.remove_overlays import remove_overlays

CLEAN = draw(1, size=(200, 260), seed=5)[0][..., None]


def marked(channels=1):
    image = np.repeat(CLEAN, channels, axis=-1)
    cv2.putText(image, "RT UOQ", (30, 150), cv2.FONT_HERSHEY_DUPLEX, 0.6, (226,) * 3, 1)
    return image


@pytest.mark.parametrize("channels", [1, 3])
def test_what_was_drawn_goes_and_the_rest_stays(channels):
    image = marked(channels)
    before = image.copy()
    found = remove_overlays(image)
    np.testing.assert_array_equal(image, before)
    assert found.shape == image.shape and found.dtype == np.uint8
    clean = np.repeat(CLEAN, channels, axis=-1)
    drawn = (image != clean).any(-1)
    error = np.abs(found.astype(int) - clean)[drawn].mean()
    assert error < 0.3 * np.abs(image.astype(int) - clean)[drawn].mean()
    away = cv2.dilate(drawn.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    np.testing.assert_array_equal(found[away], image[away])
    assert not overlays.find(found).any()


def test_an_untouched_picture_stays():
    np.testing.assert_array_equal(remove_overlays(CLEAN), CLEAN)


def test_grow_widens_by_hand():
    # a circle of radius grow around every drawn pixel: nothing further away than that changes
    image = marked()
    drawn = overlays.find(image)
    for grow in (0, 2, 6):
        changed = (remove_overlays(image, grow=grow) != image)[..., 0]
        distance = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        assert grow - 1.5 < distance[changed].max() <= grow + 0.5


def test_it_widens_by_3_unless_told_otherwise():
    np.testing.assert_array_equal(remove_overlays(marked()), remove_overlays(marked(), grow=3))
    assert (remove_overlays(marked()) != remove_overlays(marked(), grow=0)).any()


def test_a_negative_width_is_refused():
    with pytest.raises(ValueError, match="remove_overlays: grow must be 0 pixels or more, got -1"):
        remove_overlays(CLEAN, grow=-1)
