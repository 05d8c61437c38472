"""EluNet: report 001's counts, its table of sizes, and what is in front of what."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.models.counted import counts
from ultraseg.models import EluNet


def test_the_reports_counts():
    assert counts(lambda: EluNet((512, 512, 1), 1)) == (1_534_083, 2_242)


def test_counts_by_hand():
    # before and after each convolution: weights, a bias, gamma and beta of the norm before it; two statistics
    before, after = [3, 8, 8, 16, 16, 32, 32, 16, 8, 4], [8, 8, 16, 16, 32, 32, 16, 8, 4, 2]
    trainable = sum(9 * i * o + o + 2 * i for i, o in zip(before, after, strict=True))
    assert counts(lambda: EluNet((None, None, 3), 2, width=8)) == (trainable, 2 * sum(before))


def test_the_reports_table():
    model = EluNet((512, 512, 1), 1, width=2)
    shapes = [layer.output.shape[1:] for layer in model.layers if layer.name.endswith("_conv")]
    sides = [256, 256, 128, 128, 64, 64, 64, 64, 64]
    assert shapes == [(side, side, c) for side, c in zip(sides, [2, 2, 4, 4, 8, 8, 4, 2, 1], strict=True)]
    assert model.get_layer("logits").output.shape == (None, 64, 64, 1) and model.output_shape == (None, 512, 512, 1)


def test_norm_drop_border_convolution_elu():
    model = EluNet((16, 16, 1), 1, width=2)
    kinds = [type(layer).__name__ for layer in model.layers]
    unit = ["FusedBatchNormalization", "SpatialDropout2D", "ZeroPadding2D", "Conv2D"]
    first = ["InputLayer", *(kind for kind in unit if kind != "SpatialDropout2D")]
    assert (
        kinds
        == [*first, *unit * 8, "FusedBatchNormalization", "Conv2D", "AlignedUpSampling2D", "CropLike"][: len(kinds)]
    )
    assert all(layer.activation is keras.activations.elu for layer in model.layers if layer.name.endswith("_conv"))
    assert {layer.rate for layer in model.layers if isinstance(layer, layers.SpatialDropout2D)} == {0.5}
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    assert len(norms) == 10 and {(norm.momentum, norm.epsilon) for norm in norms} == {(0.9, 1e-5)}


def test_corners_of_the_small_map_are_corners_of_the_logits():
    model = EluNet((24, 32, 1), 1, width=2)
    small = keras.Model(model.input, model.get_layer("logits").output)
    image = np.random.default_rng(0).random((1, 24, 32, 1), np.float32)
    logits, coarse = model.predict_on_batch(image), small.predict_on_batch(image)
    np.testing.assert_allclose(logits[0, [0, 0, -1, -1], [0, -1, 0, -1]], coarse[0, [0, 0, -1, -1], [0, -1, 0, -1]])


def test_no_dropout_is_no_layer():
    model = EluNet((16, 16, 1), 1, width=2, dropout=0.0)
    assert not any(isinstance(layer, layers.SpatialDropout2D) for layer in model.layers)


def test_it_is_drawn_as_pytorch_draws_it():
    keras.utils.set_random_seed(0)
    kernel, bias = EluNet((16, 16, 1), 1, width=16).get_layer("encoder4_conv").get_weights()
    bound = (9 * 32) ** -0.5
    assert np.abs(kernel).max() == pytest.approx(bound, rel=0.01) and kernel.std() == pytest.approx(
        bound / 3**0.5, rel=0.02
    )
    assert np.abs(bias).max() < bound and bias.any()


@pytest.mark.parametrize("width", [0, 1, 3, -2])
def test_a_width_that_cannot_be_halved_is_refused(width):
    with pytest.raises(ValueError, match=f"EluNet: width must be even and at least 2, got {width}"):
        EluNet((16, 16, 1), 1, width=width)


@pytest.mark.parametrize("dropout", [1.0, -0.1, float("nan")])
def test_a_dropout_out_of_range_is_refused(dropout):
    with pytest.raises(ValueError, match=r"EluNet: dropout must be in \[0, 1\)"):
        EluNet((16, 16, 1), 1, dropout=dropout)
