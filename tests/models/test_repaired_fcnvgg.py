"""RepairedFCNVGG: its weights by hand, the report's channels, back at the full size, and not affine."""

import numpy as np
import pytest
from keras import layers

from tests.models.counted import counts
from ultraseg.models import RepairedFCNVGG

VGG = 14_714_688


def test_counts_by_hand():
    # 3x3 to 128; five 4x4 that double, 128 to 128 and then halved; 3x3; each with gamma, beta and two statistics
    convolutions = [(9, 512, 128), (16, 128, 128), (16, 128, 64), (16, 64, 32), (16, 32, 16), (16, 16, 8), (9, 8, 8)]
    trainable = sum(area * i * o + 2 * o for area, i, o in convolutions) + 9 * 8 * 3 + 3
    statistics = 2 * sum(o for _, _, o in convolutions)
    assert counts(lambda: RepairedFCNVGG((224, 224, 3), 3)) == (trainable, VGG + statistics)
    assert trainable < 290_696_106 / 250


@pytest.fixture(scope="module")
def model():
    return RepairedFCNVGG((None, None, 1), 2, width=16)


def test_every_stage_doubles_and_the_last_four_are_as_wide_as_the_reports():
    built = RepairedFCNVGG((96, 64, 3), 1)
    shapes = [built.get_layer(f"trans_conv{number}-2").output.shape[1:] for number in (1, 2, 3, 4, 5)]
    assert shapes == [(6, 4, 128), (12, 8, 64), (24, 16, 32), (48, 32, 16), (96, 64, 8)]
    assert built.output_shape == (None, 96, 64, 1)


@pytest.mark.parametrize("size", [(64, 32), (33, 70)])
def test_logits_are_as_large_as_the_image(model, size):
    logits = model.predict_on_batch(np.random.default_rng(0).random((1, *size, 1), np.float32))
    assert logits.shape == (1, *size, 2) and np.isfinite(logits).all() and logits.std() > 0


def test_a_relu_stands_behind_every_convolution_but_the_last(model):
    decoder = [layer for layer in model.layers if layer.weights and layer.trainable_weights]
    convolutions = [layer for layer in decoder if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose)]
    assert len(convolutions) == 8 and max(layer.kernel_size[0] for layer in convolutions) == 4
    relus = [layer.name for layer in model.layers if isinstance(layer, layers.ReLU)]
    assert relus == [f"{layer.name[:-2]}-2" for layer in convolutions[:-1]]


def test_the_vgg_is_frozen(model):
    frozen = [layer for layer in model.layers if layer.weights and not layer.trainable_weights]
    assert len(frozen) == 13 and all(layer.name.startswith("encoder-") for layer in frozen)


@pytest.mark.parametrize("width", [0, 8, 24, -16])
def test_a_width_that_cannot_be_halved_four_times_is_refused(width):
    with pytest.raises(ValueError, match=f"RepairedFCNVGG: width must be divisible by 16 and at least 16, got {width}"):
        RepairedFCNVGG((64, 64, 3), 1, width=width)
