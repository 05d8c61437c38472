"""LinkNet: its published counts, its transposed convolutions by hand, how they are drawn, and what it refuses."""

import keras
import numpy as np
import pytest

from tests.models.counted import counts
from tests.models.tiny import tiny
from ultraseg.models import Linknet


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (21_771_937, 19_136)),
        ("ResNet34", 1, (21_765_665, 19_136)),
        ("ResNet50", 3, (31_177_777, 60_800)),
        ("ResNet50", 1, (31_171_505, 60_800)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: Linknet((64, 64, channels), 1, encoder=encoder)) == published


def test_a_transposed_convolution_is_pytorchs():
    """Padding 1: pixel y of the output is the sum of x[i] * kernel[y + 1 - 2 i]."""
    layer = Linknet((8, 8, 1), 1, encoder=tiny, depth=3).get_layer("decoder-blocks-0-block-1-0")
    assert (layer.filters, layer.kernel_size, layer.strides) == (3, (4, 4), (2, 2))
    image = np.random.default_rng(0).random((3, 2, 3)).astype(np.float32)
    kernel, bias = (np.asarray(weight) for weight in layer.weights)
    wanted = np.zeros((6, 4, 3)) + bias
    for y, x, row, column in np.ndindex(6, 4, 3, 2):
        tap = y + 1 - 2 * row, x + 1 - 2 * column
        if min(tap) >= 0 and max(tap) < 4:
            wanted[y, x] += kernel[tap] @ image[row, column]
    found = keras.ops.convert_to_numpy(layer(image[None]))[0]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_transposed_convolutions_are_drawn_as_pytorch_draws_them():
    kernel, bias = Linknet((64, 64, 3), 1).get_layer("decoder-blocks-0-block-1-0").get_weights()
    # 512 / 4 channels out of a 4x4 kernel
    limit = (128 * 16) ** -0.5
    assert np.abs(kernel).max() == pytest.approx(limit, rel=1e-3) and abs(kernel.mean()) < limit / 100
    assert limit / 2 < np.abs(bias).max() <= limit


def test_skips_are_added_as_deep_as_asked():
    model = Linknet((8, 8, 1), 1, encoder=tiny, depth=3)
    assert [layer.name for layer in model.layers if isinstance(layer, keras.layers.Add)] == [
        "decoder-blocks-0-add",
        "decoder-blocks-1-add",
    ]
    assert model.get_layer("segmentation_head-0").kernel.shape == (1, 1, 32, 1)


@pytest.mark.parametrize("depth", [0, 6])
def test_a_depth_out_of_its_range_is_refused(depth):
    with pytest.raises(ValueError, match=f"Linknet: depth must be one of 1, 2, 3, 4, 5, got {depth}"):
        Linknet((64, 64, 1), 1, encoder=tiny, depth=depth)
