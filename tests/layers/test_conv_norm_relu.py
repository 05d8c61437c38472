"""Convolution, norm, ReLU: weights by hand, dilation's reach, names."""

import keras
import numpy as np
import pytest

from ultraseg.layers import conv_norm_relu


def unit(**options):
    image = keras.Input((9, 9, 3))
    return keras.Model(image, conv_norm_relu(image, 5, name="unit", **options))


def test_parameters_by_hand():
    # 9 * 3 * 5 and four numbers a channel; separable: 9 * 3, then 3 * 5
    assert unit().count_params() == 9 * 3 * 5 + 4 * 5
    assert unit(size=1).count_params() == 3 * 5 + 4 * 5
    assert unit(separable=True).count_params() == 9 * 3 + 3 * 5 + 4 * 5


@pytest.mark.parametrize("separable", [False, True])
@pytest.mark.parametrize(("dilation", "reach"), [(1, 1), (3, 3)])
def test_dilation_spreads_the_taps(dilation, reach, separable):
    model = unit(dilation=dilation, separable=separable)
    pixel = np.zeros((1, 9, 9, 3), np.float32)
    pixel[0, 4, 4] = 1
    model.set_weights([np.ones_like(w) if w.ndim == 4 else w for w in model.get_weights()])
    lit = np.argwhere(model.predict_on_batch(pixel)[0, :, :, 0] > 0)
    assert lit.min() == 4 - reach and lit.max() == 4 + reach and len(lit) == 9


def test_names_are_paths():
    assert [layer.name for layer in unit().layers[1:]] == ["unit-0", "unit-1", "unit-2"]
    norm = unit().get_layer("unit-1")
    assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)
