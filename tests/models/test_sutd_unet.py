"""SutdUNet: the counts of the report's net and of the one it was made from, and which comes first in a join."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.models.counted import counts
from ultraseg.models import SutdUNet


def test_the_reports_counts():
    assert counts(lambda: SutdUNet((512, 512, 1), 1)) == (31_099_937, 12_032)


def test_the_originals_counts():
    assert counts(lambda: SutdUNet((160, 240, 3), 1, features=(64, 128, 256, 512))) == (31_037_633, 11_776)


def test_counts_by_hand():
    def double(before, width):
        return 9 * before * width + 9 * width * width + 4 * width

    # down 1 -> 2 -> 4, bottleneck 8, up 8 -> 4 -> 2, head
    trainable = double(1, 2) + double(2, 4) + double(4, 8) + double(8, 4) + double(4, 2)
    trainable += (4 * 8 * 4 + 4) + (4 * 4 * 2 + 2) + (2 + 1)
    assert counts(lambda: SutdUNet((8, 8, 1), 1, features=(2, 4))) == (trainable, 4 * (2 + 4 + 8 + 4 + 2))


def test_the_skip_comes_before_what_comes_up():
    model = SutdUNet((8, 8, 1), 1, features=(2, 4))
    for stage, skip in ((0, "encoder0-conv2-2"), (1, "encoder1-conv2-2")):
        joined = [tensor._keras_history.operation.name for tensor in model.get_layer(f"decoder{stage}_join").input]
        assert joined == [skip, f"decoder{stage}_up"]


def test_the_bottleneck_is_twice_as_wide_and_at_the_stride():
    model = SutdUNet((64, 96, 1), 1, features=(2, 3, 4, 5, 6))
    assert model.get_layer("bottleneck-conv2-2").output.shape == (None, 2, 3, 12)
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    assert len(norms) == 22 and {(norm.momentum, norm.epsilon) for norm in norms} == {(0.9, 1e-5)}


def test_it_is_drawn_as_pytorch_draws_it():
    keras.utils.set_random_seed(0)
    model = SutdUNet((8, 8, 1), 1, features=(8, 32))
    # a transposed convolution's fan-in is its filters times the area of its kernel
    for name, fan_in in {"bottleneck-conv2-0": 9 * 64, "decoder1_up": 4 * 32}.items():
        kernel = model.get_layer(name).get_weights()[0]
        assert np.abs(kernel).max() == pytest.approx(fan_in**-0.5, rel=0.01)


@pytest.mark.parametrize("features", [(), (0, 2), (2, -1), (2.5,), 32])
def test_features_that_are_no_widths_are_refused(features):
    with pytest.raises(ValueError, match="SutdUNet: features must be a list of whole numbers of at least 1"):
        SutdUNet((8, 8, 1), 1, features=features)
