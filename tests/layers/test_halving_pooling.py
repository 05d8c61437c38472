"""Max-pooling by two: by hand, odd sides and sides of one."""

import keras
import numpy as np
import pytest

from ultraseg.layers import HalvingPooling2D


def test_by_hand():
    image = np.arange(15.0).reshape(1, 3, 5, 1) * [[[[1], [-1], [1], [1], [1]]]]
    # rows 0 and 1; columns 0 and 1, then 2 and 3; the last row and column are dropped
    np.testing.assert_array_equal(HalvingPooling2D()(image)[0, ..., 0], [[5, 8]])


@pytest.mark.parametrize(
    ("size", "half"), [((8, 6), (4, 3)), ((9, 7), (4, 3)), ((1, 5), (1, 2)), ((1, 1), (1, 1)), ((3, 2), (1, 1))]
)
def test_sizes(size, half, tmp_path):
    pixels = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    known, free = keras.Input((*size, 3)), keras.Input((None, None, 3))
    assert HalvingPooling2D()(known).shape == (None, *half, 3)
    model = keras.Model(free, HalvingPooling2D()(free))
    model.save(tmp_path / "model.keras")
    found = keras.saving.load_model(tmp_path / "model.keras").predict_on_batch(pixels)
    assert found.shape == (2, *half, 3)
    for row, column in np.ndindex(half):
        window = pixels[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        np.testing.assert_array_equal(found[:, row, column], window.max((1, 2)))
