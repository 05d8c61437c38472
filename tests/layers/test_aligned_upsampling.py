"""Bilinear upsampling with fixed corners: by hand, and by SciPy's linear interpolation."""

import keras
import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from ultraseg.layers import AlignedUpSampling2D


def enlarged(image, factor, **options):
    return keras.ops.convert_to_numpy(AlignedUpSampling2D(factor, **options)(image[None, :, :, None]))[0, :, :, 0]


def test_by_hand():
    # two pixels become four: thirds between them, ends as they were
    np.testing.assert_allclose(enlarged(np.array([[0.0, 3.0]]), 2), [[0, 1, 2, 3], [0, 1, 2, 3]], atol=1e-6)


@pytest.mark.parametrize("size", [(3, 5), (1, 4), (7, 2)])
@pytest.mark.parametrize("factor", [1, 2, 8])
def test_scipys_interpolation(size, factor):
    image = np.random.default_rng(0).random(size)
    grid = [np.linspace(0, side - 1, side * factor) for side in size]
    # an axis of one pixel is constant; SciPy wants two
    padded = np.pad(image, [(0, side == 1) for side in size], "edge")
    truth = RegularGridInterpolator([np.arange(side) for side in padded.shape], padded)(
        np.stack(np.meshgrid(*grid, indexing="ij"), -1)
    )
    np.testing.assert_allclose(enlarged(image, factor, dtype="float64"), truth, atol=1e-12)
    np.testing.assert_allclose(enlarged(image, factor), truth, atol=1e-5)


def test_any_size_and_a_file(tmp_path):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, AlignedUpSampling2D(4)(image))
    assert model.output_shape == (None, None, None, 2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for size in ((3, 4), (5, 1)):
        pixels = np.random.default_rng(0).random((1, *size, 2), np.float32)
        assert again.predict_on_batch(pixels).shape == (1, 4 * size[0], 4 * size[1], 2)


def test_a_factor_below_one_is_refused():
    with pytest.raises(ValueError, match="factor must be at least 1, got 0"):
        AlignedUpSampling2D(0)
