"""U-Net: its weights by formula, decoders that differ in nothing else, sizes refused, precision, saving."""

import keras
import numpy as np
import pytest
from keras.layers import Conv2DTranspose, UpSampling2D

from tests.models.counted import counts, trainable_in
from tests.models.tiny import tiny
from ultraseg import catalogue
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


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (24_436_369, 19_008)),
        ("ResNet34", 1, (24_430_097, 19_008)),
        ("ResNet50", 3, (32_521_105, 55_104)),
        ("ResNet50", 1, (32_514_833, 55_104)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: UNet((64, 64, channels), 1, encoder=encoder)) == published


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
def test_channels_of_the_decoder_one_by_one(decoder):
    def built(**options):
        return UNet((16, 16, 1), 1, encoder=tiny, decoder=decoder, depth=3, **options)

    uneven = built(decoder_channels=[7, 3, 5])
    widths = [
        uneven.get_layer(f"decoder-blocks-{block}-conv{number}-0").filters for block in range(3) for number in (1, 2)
    ]
    assert widths == [7, 7, 3, 3, 5, 5]
    shapes = [
        [weight.shape for weight in built(**options).weights] for options in ({}, {"decoder_channels": (64, 32, 16)})
    ]
    assert shapes[0] == shapes[1]


def test_channels_of_the_decoder_are_a_list_in_a_study():
    spec = {"UNet": {"encoder": "ResNet18", "decoder_channels": [8, 8, 4, 4, 2]}}
    resolved = catalogue.resolve("models", spec)["UNet"]
    assert resolved["decoder_channels"] == [8, 8, 4, 4, 2] and resolved["width"] is None
    model = catalogue.bind("models", {"UNet": {"encoder": {"ResNet18": {}}, **spec["UNet"]}})((32, 32, 1), 1)
    assert model.get_layer("segmentation_head-0").kernel.shape[2] == 2
    with pytest.raises(ValueError, match="models.UNet.decoder_channels: expected a list, got 16"):
        catalogue.resolve("models", {"UNet": {"decoder_channels": 16}})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder_channels": [4, 2]}, "decoder_channels must be left out, since on the encoder plain the decoder's"),
        ({"encoder": tiny, "decoder_channels": [4, 2], "width": 2}, "decoder_channels must be left out, since width"),
        (
            {"encoder": tiny, "decoder_channels": [4]},
            r"decoder_channels must be a list of 2 whole numbers .*, got \[4\]",
        ),
        (
            {"encoder": tiny, "decoder_channels": [4, 0]},
            "decoder_channels must be a list of 2 whole numbers of at least 1",
        ),
    ],
)
def test_channels_of_the_decoder_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=f"UNet: {message}"):
        UNet((16, 16, 1), 1, depth=2, **options)


@pytest.mark.parametrize("batch_norm", [None, True, False])
def test_the_centre_of_a_vgg_is_normalized_as_the_decoder_is(batch_norm):
    model = UNet((32, 32, 3), 1, encoder="VGG16", width=2, batch_norm=batch_norm)
    normed = batch_norm is not False
    # two convolutions from 512 to 512 channels; a norm has two numbers a channel to learn, a bias one
    centre = 2 * (9 * 512 * 512 + (2 if normed else 1) * 512)
    assert trainable_in(model, "decoder-center") == centre
    kinds = [type(each).__name__ for each in model.layers]
    assert kinds.count("FusedBatchNormalization") == (2 + 2 * 5 if normed else 0)


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
    assert kinds.count("FusedBatchNormalization") == 10 and kinds.count("SpatialDropout2D") == 5


@pytest.mark.parametrize("shape", [(30, 33, 1), (None, None, 1), (4, 5, 1)])
def test_any_size_comes_back_at_its_own(shape):
    model = UNet(shape, 1, **SMALL)
    assert model.output_shape == (None, *shape[:2], 1)
    sides = (30, 33) if None in shape else shape[:2]
    assert model(np.zeros((1, *sides, 1), np.float32)).shape == (1, *sides, 1)


def test_a_size_that_does_not_fit_is_reflected():
    """The padded image's own logits, cropped."""
    keras.utils.set_random_seed(0)
    odd, whole = UNet((6, 7, 1), 1, **SMALL), UNet((8, 8, 1), 1, **SMALL)
    whole.set_weights(odd.get_weights())
    image = np.random.default_rng(0).random((1, 6, 7, 1), np.float32)
    padded = np.pad(image, ((0, 0), (0, 2), (0, 1), (0, 0)), "reflect")
    found, wanted = odd.predict_on_batch(image), whole.predict_on_batch(padded)[:, :6, :7]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 32, 1), (32, 1, 1)])
def test_a_size_below_the_stride_is_refused(shape):
    with pytest.raises(
        ValueError, match=f"UNet: an image must be at least 4 pixels high and wide, got {min(shape[:2])}"
    ):
        UNet(shape, 1, **SMALL)


def two_maps(image, *, depth):
    """An encoder of one's own: the image, and its mean over 2x2 pixels as often as wanted."""
    maps = [image]
    for _ in range(depth):
        maps.append(keras.layers.AveragePooling2D(2)(maps[-1]))
    return maps


def test_an_encoder_function():
    # blocks of 4 and 2 channels: 1 + 1 -> 4 -> 4, 4 -> 2 -> 2 without a skip, kernels and two numbers a channel; head
    model = UNet((8, 8, 1), 1, encoder=two_maps, depth=2, width=2)
    trainable = 9 * 2 * 4 + 8 + 9 * 4 * 4 + 8 + 9 * 4 * 2 + 4 + 9 * 2 * 2 + 4 + 9 * 2 + 1
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable
    with pytest.raises(ValueError, match="encoder <lambda>: 2 maps are wanted, got 3"):
        UNet((8, 8, 1), 1, encoder=lambda image, *, depth: two_maps(image, depth=2), depth=1)


def test_an_encoder_of_another_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="encoders: unknown name 'plan'; did you mean 'plain'"):
        UNet((8, 8, 1), 1, encoder="plan")


def test_what_the_model_decides_is_not_given_to_the_encoder():
    with pytest.raises(ValueError, match="encoder plain: the model decides its width"):
        UNet((8, 8, 1), 1, encoder={"plain": {"width": 3}}, depth=1)


@pytest.mark.parametrize(
    "options", [{"width": 0}, {"depth": 0}, {"dropout": 1.0}, {"dropout": -0.1}, {"dropout": float("nan")}]
)
def test_an_option_out_of_its_range_is_refused(options):
    with pytest.raises(ValueError, match=r"UNet: width and depth must be at least 1 and dropout in \[0, 1\)"):
        UNet((16, 16, 1), 1, **{**SMALL, **options})


def test_an_unknown_decoder_is_refused():
    with pytest.raises(ValueError, match="UNet: decoder must be one of upsample, transpose, got 'bilinear'"):
        UNet((16, 16, 1), 1, decoder="bilinear")


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="classes must be at least 1"):
        UNet((16, 16, 1), 0)
