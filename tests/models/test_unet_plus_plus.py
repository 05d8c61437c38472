"""U-Net++: its published counts, node by node, and what it refuses."""

import pytest

from tests.models.counted import counted, counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import UNetPlusPlus

NODES = {
    "0_0": 7_668_736, "0_1": 1_622_528, "1_1": 9_439_232, "0_2": 553_216, "1_2": 2_950_144, "2_2": 2_360_320,
    "0_3": 101_504, "1_3": 295_168, "2_3": 258_304, "3_3": 221_440, "0_4": 6_976,
}  # fmt: skip


def test_published_counts_on_resnet50_node_by_node():
    model = UNetPlusPlus((64, 64, 3), 1, encoder="ResNet50")
    assert counted(model) == (48_985_745, 59_968)
    assert {node: trainable_in(model, f"decoder-blocks-x_{node}-") for node in NODES} == NODES
    assert sum(NODES.values()) + 145 == 25_477_713 == trainable_in(model, ("decoder", "segmentation_head"))


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (26_078_609, 20_800)),
        ("ResNet34", 1, (26_072_337, 20_800)),
        ("ResNet50", 1, (48_979_473, 59_968)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: UNetPlusPlus((64, 64, channels), 1, encoder=encoder)) == published


def test_what_each_node_joins():
    # tiny's maps have 4, 8, 12 channels at strides 2, 4, 8: from 12 up with 8; from 8 up with 4; and across
    model = UNetPlusPlus((16, 16, 1), 1, encoder=tiny, depth=3, decoder_channels=[7, 6, 5])
    kernels = {
        node: tuple(model.get_layer(f"decoder-blocks-x_{node}-conv1-0").kernel.shape[2:])
        for node in ("0_0", "1_1", "0_1", "0_2")
    }
    # 0_1 takes node 0_0 and, beside it, node 1_1 and map 1; the last takes node 0_1 alone
    assert kernels == {"0_0": (12 + 8, 7), "1_1": (8 + 4, 4), "0_1": (7 + 4 + 4, 6), "0_2": (6, 5)}
    assert sum(layer.name.endswith("-conv1-0") for layer in model.layers) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 1}, "depth must be one of 2, 3, 4, 5, got 1"),
        ({"depth": 4}, r"decoder_channels must be a list of 4 whole numbers .*, got \(256, 128, 64, 32, 16\)"),
        ({"decoder_channels": (8, 8, 8, 8, 0)}, "decoder_channels must be a list of 5 whole numbers of at least 1"),
        ({"decoder_channels": 16}, "decoder_channels must be a list of 5 whole numbers of at least 1, got 16"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"UNetPlusPlus: {message}"):
        UNetPlusPlus((64, 64, 1), 1, encoder=tiny, **options)
