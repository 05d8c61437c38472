"""Normalize: by hand, and 8-bit values fill [-1, 1]."""

import numpy as np

from ultraseg.preprocess import normalize


def test_by_hand():
    images = np.array([0.0, 63.75, 127.5, 255.0], np.float32)  # 63.75 is a quarter of the range
    np.testing.assert_allclose(normalize(images), [-1, -0.5, 0, 1], atol=1e-6)
    assert normalize(images).dtype == np.float32
