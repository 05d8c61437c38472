"""FPN: its published counts, branches by hand, merging, and what it refuses."""

import keras
import pytest

from tests.models.counted import counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.layers import AlignedUpSampling2D
from ultraseg.models import FPN

SMALL = {"encoder": tiny, "pyramid_channels": 6, "segmentation_channels": 32}


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (23_155_393, 17_024)),
        ("ResNet34", 1, (23_149_121, 17_024)),
        ("ResNet50", 3, (26_116_033, 53_120)),
        ("ResNet50", 1, (26_109_761, 53_120)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: FPN((64, 64, channels), 1, encoder=encoder)) == published


def test_parameters_by_hand():
    model = FPN((32, 32, 1), 2, **SMALL)
    # laterals from 20, 16, 12 and 8 channels to 6, with biases
    assert trainable_in(model, "decoder-p") == (20 + 16 + 12 + 8) * 6 + 4 * 6
    # four first 3x3 kernels from 6, three more from 32, two numbers a channel behind each
    assert trainable_in(model, "decoder-seg") == 9 * 32 * (4 * 6 + 3 * 32) + 7 * 2 * 32
    assert trainable_in(model, "segmentation_head") == 32 * 2 + 2


def test_every_branch_is_doubled_to_stride_four():
    model = FPN((32, 32, 1), 1, **SMALL)
    doubled = [layer.name for layer in model.layers if isinstance(layer, AlignedUpSampling2D)]
    assert [sum(f"blocks-{branch}-" in name for name in doubled) for branch in range(4)] == [3, 2, 1, 0]
    assert model.get_layer("decoder-merge").output.shape == (None, 8, 8, 32)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.GroupNormalization)]
    assert {(norm.groups, norm.epsilon) for norm in norms} == {(32, 1e-5)} and len(norms) == 7
    assert model.get_layer("decoder-dropout").rate == 0.2


def test_branches_are_joined_or_added():
    joined = FPN((32, 32, 1), 1, merge="cat", dropout=0.0, **SMALL).get_layer("segmentation_head-0")
    added = FPN((32, 32, 1), 1, **SMALL).get_layer("segmentation_head-0")
    assert joined.kernel.shape == (1, 1, 4 * 32, 1) and added.kernel.shape == (1, 1, 32, 1)


@pytest.mark.parametrize(("depth", "finest"), [(3, 1), (4, 4), (5, 8)])
def test_the_last_four_maps_are_taken(depth, finest):
    """Of three halvings the finest map is the image itself, of one channel; the logits are as large either way."""
    model = FPN((32, 32, 1), 1, depth=depth, **SMALL)
    assert model.get_layer("decoder-p2-skip_conv").kernel.shape[2] == finest
    assert model.output_shape == (None, 32, 32, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 2}, "depth must be one of 3, 4, 5, got 2"),
        ({"pyramid_channels": 0}, "pyramid_channels must be a whole number of at least 1, got 0"),
        ({"segmentation_channels": 48}, "segmentation_channels must be divisible by 32, got 48"),
        ({"merge": "sum"}, "merge must be one of add, cat, got 'sum'"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"FPN: {message}"):
        FPN((64, 64, 1), 1, **{**SMALL, **options})
