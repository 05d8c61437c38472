"""DeepLabV3: its published counts, the pyramid by hand, rates beyond the map, and what it refuses."""

import keras
import numpy as np
import pytest

from tests.models.counted import counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import DeepLabV3

SMALL = {"encoder": tiny, "decoder_channels": 6}


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (26_007_105, 20_608)),
        ("ResNet34", 1, (26_000_833, 20_608)),
        ("ResNet50", 3, (39_633_729, 56_704)),
        ("ResNet50", 1, (39_627_457, 56_704)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: DeepLabV3((64, 64, channels), 1, encoder=encoder)) == published


@pytest.mark.parametrize(("separable", "atrous"), [(False, 9 * 20 * 6), (True, 9 * 20 + 20 * 6)])
def test_parameters_by_hand(separable, atrous):
    model = DeepLabV3((64, 64, 1), 2, separable=separable, **SMALL)
    # from 20 to 6 channels: itself, three atrous ones, the mean; five of 6 to 6; two numbers a channel behind each
    assert trainable_in(model, "decoder-aspp") == 2 * 20 * 6 + 3 * atrous + 5 * 6 * 6 + 6 * 2 * 6
    assert trainable_in(model, "decoder-conv") + trainable_in(model, "decoder-bn") == 9 * 6 * 6 + 2 * 6
    assert trainable_in(model, "segmentation_head") == 6 * 2 + 2


@pytest.mark.parametrize(("options", "side"), [({}, 8), ({"output_stride": 16}, 4), ({"depth": 3}, 8)])
def test_the_pyramid_stands_at_the_output_stride(options, side):
    model = DeepLabV3((64, 64, 1), 1, **SMALL, **options)
    join = model.get_layer("decoder-aspp-join")
    assert [each.shape[1:] for each in join.input] == [(side, side, 6)] * 5
    assert [model.get_layer(f"decoder-aspp-convs-{number}-0").rate for number in (1, 2, 3)] == [12, 24, 36]
    drop = model.get_layer("decoder-aspp-project-3")
    assert type(drop) is keras.layers.Dropout and drop.rate == 0.5


def test_its_last_branch_is_the_mean_of_the_map():
    model = DeepLabV3((None, None, 1), 1, **SMALL)
    image = np.random.default_rng(0).random((1, 24, 40, 1), np.float32)
    ends = [model.get_layer(f"decoder-aspp-convs-{name}").output for name in ("0-0", "4-0", "4-everywhere")]
    seen = keras.Model(model.input, [model.get_layer("decoder-aspp-convs-0-0").input, *ends])
    deepest, _, mean, branch = (keras.ops.convert_to_numpy(each) for each in seen(image))
    np.testing.assert_allclose(mean[0, 0, 0], deepest[0].mean((0, 1)), rtol=1e-5)
    assert branch.shape == (1, 3, 5, 6) and branch.max() > 0
    np.testing.assert_array_equal(branch, np.broadcast_to(branch[:, :1, :1], branch.shape))


@pytest.mark.parametrize("shape", [(64, 64, 1), (None, None, 1)])
def test_of_a_rate_beyond_the_map_the_middle_alone_counts(shape):
    # 64 pixels at stride 8 are 8, so that taps 12 away are outside of every one; 7 away they are inside of some
    model = DeepLabV3(shape, 1, atrous_rates=(7, 12, 36), **SMALL)
    image = np.random.default_rng(0).random((1, 64, 64, 1), np.float32)
    before = model.predict_on_batch(image)
    for number, same in ((3, True), (2, True), (1, False)):
        kernel = model.get_layer(f"decoder-aspp-convs-{number}-0").kernel
        around = np.ones((3, 3, 1, 1))
        around[1, 1] = 0
        kernel.assign(keras.ops.convert_to_numpy(kernel) + around)
        assert np.allclose(model.predict_on_batch(image), before, atol=1e-5) is same
    kernel = model.get_layer("decoder-aspp-convs-3-0").kernel
    kernel.assign(keras.ops.convert_to_numpy(kernel) + 1 - around)
    assert not np.allclose(model.predict_on_batch(image), before, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 2}, "depth must be one of 3, 4, 5, got 2"),
        ({"output_stride": 32}, "output_stride must be one of 8, 16, got 32"),
        ({"decoder_channels": 0}, "decoder_channels must be a whole number of at least 1, got 0"),
        ({"atrous_rates": (6, 12)}, r"atrous_rates must be a list of 3 whole numbers of at least 1, got \(6, 12\)"),
        ({"atrous_rates": (6, 0, 12)}, "atrous_rates must be a list of 3 whole numbers of at least 1"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"DeepLabV3: {message}"):
        DeepLabV3((64, 64, 1), 1, **{**SMALL, **options})


def test_an_encoder_that_cannot_dilate_is_refused_with_those_that_can():
    with pytest.raises(ValueError, match="VGG16: cannot keep its maps at stride 8 by dilation; these can: .*ResNet50"):
        DeepLabV3((64, 64, 3), 1, encoder="VGG16")


def test_too_few_pixels_are_refused():
    with pytest.raises(ValueError, match="at least 8 pixels high and wide, got 3"):
        DeepLabV3((64, 3, 1), 1, **SMALL)
