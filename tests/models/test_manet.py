"""MA-Net: its published counts, block by block, its two layouts of attention, gates, and what it refuses."""

import keras
import numpy as np
import pytest

from tests.models.counted import counted, counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import MAnet

BLOCKS = {"center": 75_763_840, "blocks-0": 45_425_792, "blocks-1": 2_116_672, "blocks-2": 529_952,
          "blocks-3": 88_584, "blocks-4": 6_976}  # fmt: skip
SMALL = {"encoder": tiny, "depth": 2, "decoder_channels": (6, 5), "pab_channels": 3}


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (31_783_633, 21_952)),
        ("ResNet34", 1, (31_777_361, 21_952)),
        ("ResNet50", 3, (147_439_993, 63_808)),
        ("ResNet50", 1, (147_433_721, 63_808)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: MAnet((64, 64, channels), 1, encoder=encoder)) == published


@pytest.mark.slow
def test_published_counts_on_resnet50_block_by_block():
    model = MAnet((64, 64, 3), 1, encoder="ResNet50")
    assert {block: trainable_in(model, f"decoder-{block}-") for block in BLOCKS} == BLOCKS


def built(shape, layout):
    keras.utils.set_random_seed(0)
    return MAnet(shape, 1, attention_layout=layout, **SMALL)


@pytest.mark.parametrize(("side", "places"), [(4, 1), (8, 4)])
def test_layouts_differ_where_there_is_more_than_one_place(side, places):
    published, spatial = (built((side, side, 1), layout) for layout in ("published", "spatial"))
    assert counted(published) == counted(spatial)
    image = np.random.default_rng(0).random((1, side, side, 1), np.float32)
    found = [model.predict_on_batch(image) for model in (published, spatial)]
    assert np.allclose(*found, atol=1e-6) == (places == 1)


def test_a_gate_is_what_both_maps_say_of_each_channel():
    model = built((8, 8, 1), "published")
    parts = [model.get_layer(f"decoder-blocks-0-{name}").output for name in ("SE_hl-4", "SE_ll-4", "gate")]
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    coarse, fine, gate = keras.Model(model.input, parts).predict_on_batch(images)
    # tiny's map at stride 2 has 4 channels; a sixteenth of them is less than one, and one is kept
    assert gate.shape == (3, 1, 1, 4) and 0 < min(coarse.min(), fine.min()) < max(coarse.max(), fine.max()) < 1
    np.testing.assert_allclose(gate, coarse + fine, rtol=1e-6)
    assert model.get_layer("decoder-blocks-0-SE_hl-1").kernel.shape == (1, 1, 4, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 6}, "depth must be one of 2, 3, 4, 5, got 6"),
        ({"decoder_channels": [4]}, r"decoder_channels must be a list of 2 whole numbers of at least 1, got \[4\]"),
        ({"pab_channels": 0}, "pab_channels must be a whole number of at least 1, got 0"),
        ({"attention_layout": "right"}, "attention_layout must be one of published, spatial, got 'right'"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"MAnet: {message}"):
        MAnet((64, 64, 1), 1, **{**SMALL, **options})
