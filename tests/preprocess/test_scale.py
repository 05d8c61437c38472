"""Scale: by hand, and 8-bit values fill [0, 1]."""

import numpy as np

from ultraseg.preprocess import scale


def test_by_hand():
    images = np.array([0.0, 51.0, 127.5, 255.0], np.float32)  # 51 / 255 = 1 / 5
    np.testing.assert_allclose(scale(images), [0, 0.2, 0.5, 1], rtol=1e-6)
    assert scale(images).dtype == np.float32
