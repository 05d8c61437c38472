"""Resizing with fixed corners: by hand, and as the upsampling by a factor."""

import keras
import numpy as np
import pytest

from ultraseg.layers import AlignedResizing2D, AlignedUpSampling2D


def resized(image, size, **options):
    layer = AlignedResizing2D(**options)
    return keras.ops.convert_to_numpy(layer([image[None], np.zeros((1, *size, 7), np.float32)]))[0]


def test_by_hand():
    image = np.array([[0.0, 3.0]])[..., None]
    # two pixels become four: thirds between them, ends as they were; one row becomes two of the same
    np.testing.assert_allclose(resized(image, (2, 4))[..., 0], [[0, 1, 2, 3], [0, 1, 2, 3]], atol=1e-6)
    # five become three: every second one; five become one: the first
    line = np.arange(5.0)[:, None, None] ** 2
    np.testing.assert_allclose(resized(line, (3, 1))[:, 0, 0], [0, 4, 16], atol=1e-6)
    np.testing.assert_allclose(resized(line, (1, 1)), [[[0]]], atol=1e-6)


@pytest.mark.parametrize("size", [(3, 5), (1, 4)])
@pytest.mark.parametrize("factor", [1, 2, 5])
def test_a_factor(size, factor):
    image = np.random.default_rng(0).random((*size, 3))
    wanted = AlignedUpSampling2D(factor, dtype="float64")(image[None])[0]
    found = resized(image, [side * factor for side in size], dtype="float64")
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_any_size_and_a_file(tmp_path):
    small, large = keras.Input((None, None, 2)), keras.Input((None, None, 1))
    model = keras.Model([small, large], AlignedResizing2D()([small, large]))
    assert model.output_shape == (None, None, None, 2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    pixels = np.random.default_rng(0).random((1, 2, 3, 2), np.float32)
    for size in ((3, 4), (5, 1)):
        found = again.predict_on_batch([pixels, np.zeros((1, *size, 1), np.float32)])
        np.testing.assert_allclose(found[0], resized(pixels[0], size), atol=1e-6)
