"""Convolution, norm, ReLU: weights by hand, names."""

import keras

from ultraseg.layers import conv_norm_relu


def unit(**options):
    image = keras.Input((9, 9, 3))
    return keras.Model(image, conv_norm_relu(image, 5, name="unit", **options))


def test_parameters_by_hand():
    # 9 * 3 * 5 and four numbers a channel
    assert unit().count_params() == 9 * 3 * 5 + 4 * 5
    assert unit(size=1).count_params() == 3 * 5 + 4 * 5


def test_names_are_paths():
    assert [layer.name for layer in unit().layers[1:]] == ["unit-0", "unit-1", "unit-2"]
    norm = unit().get_layer("unit-1")
    assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)
