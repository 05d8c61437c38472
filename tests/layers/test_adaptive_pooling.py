"""Adaptive pooling: its bins by hand, and on every size against means that are taken one by one."""

import keras
import numpy as np
import pytest

from ultraseg.layers import AdaptivePooling2D


def pooled(image, bins, **options):
    return keras.ops.convert_to_numpy(AdaptivePooling2D(bins, **options)(image[None]))[0]


def test_by_hand():
    # five columns in three bins: 0 and 1, 1 to 3, 3 and 4; of a single row three times the same
    image = np.array([[1.0, 3, 5, 7, 11]])[..., None]
    np.testing.assert_allclose(pooled(image, 3)[..., 0], [[2, 5, 9]] * 3, atol=1e-6)
    # two columns in three bins: the first, both, the second
    np.testing.assert_allclose(pooled(image[:, :2], 3)[0, :, 0], [1, 2, 3], atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (7, 12), (28, 3), (6, 5)])
@pytest.mark.parametrize("bins", [1, 2, 3, 6])
def test_means_one_by_one(size, bins):
    image = np.random.default_rng(0).normal(size=(*size, 2))
    wanted = np.empty((bins, bins, 2))
    for row, column in np.ndindex(bins, bins):
        (top, bottom), (left, right) = (
            (int(np.floor(place * side / bins)), int(np.ceil((place + 1) * side / bins)))
            for place, side in zip((row, column), size, strict=True)
        )
        wanted[row, column] = image[top:bottom, left:right].mean((0, 1))
    np.testing.assert_allclose(pooled(image, bins, dtype="float64"), wanted, atol=1e-12)
    np.testing.assert_allclose(pooled(image, bins), wanted, atol=1e-5)


def test_any_size_and_a_file(tmp_path):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, AdaptivePooling2D(3)(image))
    assert model.output_shape == (None, 3, 3, 2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for size in ((3, 4), (5, 1)):
        pixels = np.random.default_rng(0).random((1, *size, 2), np.float32)
        np.testing.assert_allclose(again.predict_on_batch(pixels)[0], pooled(pixels[0], 3), atol=1e-6)


def test_no_bins_are_refused():
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        AdaptivePooling2D(0)
