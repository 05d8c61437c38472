"""Bilinear resizing by areas: by hand, as UpSampling2D, any size, a file."""

import keras
import numpy as np
import pytest

from ultraseg.layers import CentredResizing2D


def run(features, height, width):
    reference = np.zeros((1, height, width, 1), np.float32)
    return keras.ops.convert_to_numpy(CentredResizing2D()([features, reference]))


def test_by_hand():
    # two pixels become four: new centres at 1/4, 3/4, 5/4, 7/4 lie -1/4, 1/4, 3/4, 5/4 from the first old one
    found = run(np.array([0.0, 4.0], np.float32).reshape(1, 1, 2, 1), 2, 4)
    np.testing.assert_allclose(found[0, :, :, 0], [[0, 1, 3, 4]] * 2, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(6, 12), (3, 4)])
def test_keras_upsampling(height, width):
    features = np.random.default_rng(0).random((2, 3, 4, 5), np.float32)
    wanted = keras.layers.UpSampling2D((height // 3, width // 4), interpolation="bilinear")(features)
    np.testing.assert_allclose(run(features, height, width), wanted, atol=1e-6)


def test_any_size_and_a_file(tmp_path):
    small, large = keras.Input((None, None, 2)), keras.Input((None, None, 3))
    model = keras.Model([small, large], CentredResizing2D()([small, large]))
    assert model.output_shape == (None, None, None, 2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for size in ((6, 8), (5, 1)):
        pixels = [np.ones((1, 2, 2, 2), np.float32), np.ones((1, *size, 3), np.float32)]
        np.testing.assert_allclose(again.predict_on_batch(pixels), np.ones((1, *size, 2)))


def test_halves_stay_halves():
    layer = CentredResizing2D(dtype="mixed_float16")
    assert layer([np.ones((1, 2, 2, 1)), np.ones((1, 4, 4, 1))]).dtype == "float16"
