"""The pixels that are left are those that the panels want, and are read back as they were."""

import numpy as np
import pytest

from tests.report.folders import disk
from ultraseg import pixels
from ultraseg.report import leave, wanted


def test_wanted_are_the_images_at_the_quantiles_worst_first(folder):
    made = folder()
    assert wanted(made.root, trials=made.trials) == []
    made.put(0, 0, dice=[0.9, 0.1, 0.5])
    assert wanted(made.root, trials=made.trials) == ["image-1", "image-2", "image-0"]


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_left_as_they_are(tmp_path, channels):
    image = np.random.default_rng(0).integers(0, 256, (8, 6, channels), np.uint8)
    leave(tmp_path, ["a"], [image], [disk(side=8)])
    np.testing.assert_array_equal(pixels.read_image(tmp_path / "panels" / "a-image.png", channels), image)
    np.testing.assert_array_equal(pixels.read_image(tmp_path / "panels" / "a-truth.png", 1)[..., 0], disk(side=8))


def test_a_name_without_an_image_is_refused(tmp_path):
    with pytest.raises(ValueError):
        leave(tmp_path, ["a", "b"], [np.zeros((8, 8, 1), np.uint8)], [disk(side=8)])
