"""DeepLabV3+: its published counts, its decoder by hand, where its maps join, and what it refuses."""

import numpy as np
import pytest

from tests.models.counted import counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import DeepLabV3Plus

SMALL = {"encoder": tiny, "decoder_channels": 6}


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (22_437_457, 21_216)),
        ("ResNet34", 1, (22_431_185, 21_216)),
        ("ResNet50", 3, (26_677_585, 57_312)),
        ("ResNet50", 1, (26_671_313, 57_312)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: DeepLabV3Plus((64, 64, channels), 1, encoder=encoder)) == published


@pytest.mark.parametrize(("separable", "atrous"), [(False, 9 * 20 * 6), (True, 9 * 20 + 20 * 6)])
def test_parameters_by_hand(separable, atrous):
    model = DeepLabV3Plus((64, 64, 1), 2, separable=separable, **SMALL)
    # the pyramid as DeepLabV3's, and behind it a kernel for each of 6 channels, 6 to 6, two numbers a channel
    pyramid = 2 * 20 * 6 + 3 * atrous + 5 * 6 * 6 + 6 * 2 * 6
    assert trainable_in(model, "decoder-aspp") == pyramid + 9 * 6 + 6 * 6 + 2 * 6
    # the fine map has 8 channels, then 48; joined to 6
    assert trainable_in(model, "decoder-block1") == 8 * 48 + 2 * 48
    assert trainable_in(model, "decoder-block2") == 9 * 54 + 54 * 6 + 2 * 6
    assert trainable_in(model, "segmentation_head") == 6 * 2 + 2


@pytest.mark.parametrize(
    ("options", "side"), [({}, 4), ({"output_stride": 8}, 8), ({"depth": 4}, 4), ({"depth": 3}, 8)]
)
def test_the_pyramid_is_brought_up_to_stride_four(options, side):
    model = DeepLabV3Plus((64, 64, 1), 1, **SMALL, **options)
    assert model.get_layer("decoder-aspp-0-join").output.shape == (None, side, side, 30)
    assert [each.shape[1:] for each in model.get_layer("decoder-join").input] == [(16, 16, 6), (16, 16, 48)]
    assert model.output_shape == (None, 64, 64, 1)


def test_kernels_by_channel_are_drawn_for_nine_numbers():
    model = DeepLabV3Plus((64, 64, 1), 1, **{**SMALL, "decoder_channels": 64})
    for name in ("aspp-0-convs-2-0-0", "aspp-1-0", "block2-0-0"):
        kernel = model.get_layer(f"decoder-{name}").get_weights()[0]
        assert 0.95 < np.abs(kernel).max() / (6 / 9) ** 0.5 <= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 6}, "depth must be one of 3, 4, 5, got 6"),
        ({"output_stride": 4}, "output_stride must be one of 8, 16, got 4"),
        ({"decoder_channels": 0}, "decoder_channels must be a whole number of at least 1, got 0"),
        ({"atrous_rates": (6,)}, r"atrous_rates must be a list of 3 whole numbers of at least 1, got \(6,\)"),
        ({"dropout": -0.1}, r"dropout must be in \[0, 1\), got -0.1"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"DeepLabV3Plus: {message}"):
        DeepLabV3Plus((64, 64, 1), 1, **{**SMALL, **options})


def test_an_encoder_that_cannot_dilate_is_refused_with_those_that_can():
    with pytest.raises(ValueError, match="VGG16: cannot keep its maps at stride 16 by dilation; these can: .*ResNet50"):
        DeepLabV3Plus((64, 64, 3), 1, encoder="VGG16")
