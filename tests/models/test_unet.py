"""U-Net: its weights by formula, decoders that differ in nothing else, sizes refused, precision, saving."""

import keras
import numpy as np
import pytest
from keras.layers import Conv2DTranspose, UpSampling2D

from ultraseg.models import UNet

SMALL = {"width": 2, "depth": 2}


def conv(size, before, after):
    return size * size * before * after + after


def parameters(width, depth, channels, classes):
    """Two 3x3 convolutions per stage; per stage up a 2x2 kernel that halves the channels; 1x1 at the end."""
    widths = [width * 2**stage for stage in range(depth + 1)]
    down = sum(conv(3, before, w) + conv(3, w, w) for before, w in zip([channels, *widths], widths, strict=False))
    up = sum(conv(2, 2 * w, w) + conv(3, 2 * w, w) + conv(3, w, w) for w in widths[:-1])
    return down + up + conv(1, width, classes)


def test_parameters_by_hand():
    # down 1 -> 1 -> 1: 10 + 10, 1 -> 2 -> 2: 20 + 38; up 2 -> 1: 9, joined 2 -> 1 -> 1: 19 + 10; logits 2
    assert UNet((8, 8, 1), 1, width=1, depth=1).count_params() == 10 + 10 + 20 + 38 + 9 + 19 + 10 + 2 == 118


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
@pytest.mark.parametrize(("width", "depth", "channels", "classes"), [(2, 2, 1, 1), (3, 3, 3, 2), (16, 4, 1, 1)])
def test_both_decoders_have_as_many_parameters_as_the_formula_says(decoder, width, depth, channels, classes):
    model = UNet((32, 16, channels), classes, width=width, depth=depth, decoder=decoder)
    assert model.count_params() == parameters(width, depth, channels, classes)


def test_ronnebergers_size():
    # the original: 64 channels, 4 stages, 2 classes
    assert parameters(64, 4, 1, 2) == 31_030_658


@pytest.mark.parametrize(("decoder", "layer"), [("upsample", UpSampling2D), ("transpose", Conv2DTranspose)])
@pytest.mark.parametrize("depth", [1, 3])
def test_the_decoder_changes_every_stage(decoder, layer, depth):
    model = UNet((8, 8, 1), 1, width=2, depth=depth, decoder=decoder)
    ups = {kind: sum(isinstance(each, kind) for each in model.layers) for kind in (UpSampling2D, Conv2DTranspose)}
    assert ups == {UpSampling2D: 0, Conv2DTranspose: 0, layer: depth}
    kinds = [type(each).__name__ for each in model.layers]
    assert kinds.count("Concatenate") == kinds.count("MaxPooling2D") == depth


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("classes", [1, 2])
def test_logits_are_float32_and_as_large_as_the_input(policy, classes):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = UNet((16, 24, 3), classes, **SMALL)
    finally:
        keras.config.set_dtype_policy(before)
    logits = model(np.random.default_rng(0).random((2, 16, 24, 3), np.float32))
    assert logits.shape == (2, 16, 24, classes) and keras.backend.standardize_dtype(logits.dtype) == "float32"
    assert keras.backend.standardize_dtype(model.get_layer("encoder0_conv1").compute_dtype) == policy.split("_")[-1]


def test_batch_norm_and_dropout_are_in_every_block():
    kinds = [type(each).__name__ for each in UNet((8, 8, 1), 1, batch_norm=True, dropout=0.2, **SMALL).layers]
    # 3 blocks down, 2 up
    assert kinds.count("BatchNormalization") == 10 and kinds.count("SpatialDropout2D") == 5


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((30, 32, 1), "UNet: depth 2 wants sides divisible by 4, got 30; take 32"),
        ((32, 33, 1), "UNet: depth 2 wants sides divisible by 4, got 33; take 32"),
        ((2, 32, 1), "UNet: depth 2 wants sides divisible by 4, got 2; take 4"),
        ((0, 32, 1), "UNet: depth 2 wants sides divisible by 4, got 0; take 4"),
    ],
)
def test_a_size_that_does_not_fit_is_refused_with_one_that_does(shape, message):
    with pytest.raises(ValueError, match=message):
        UNet(shape, 1, **SMALL)


@pytest.mark.parametrize(
    "options", [{"width": 0}, {"depth": 0}, {"dropout": 1.0}, {"dropout": -0.1}, {"dropout": float("nan")}]
)
def test_an_option_out_of_its_range_is_refused(options):
    with pytest.raises(ValueError, match=r"UNet: width, depth and classes must be at least 1 and dropout in \[0, 1\)"):
        UNet((16, 16, 1), 1, **{**SMALL, **options})


def test_an_unknown_decoder_is_refused():
    with pytest.raises(ValueError, match="UNet: decoder must be one of upsample, transpose, got 'bilinear'"):
        UNet((16, 16, 1), 1, decoder="bilinear")


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="classes must be at least 1"):
        UNet((16, 16, 1), 0)
