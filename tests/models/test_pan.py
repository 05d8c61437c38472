"""PAN: its published counts, its attention by hand, small images, and what it refuses."""

import numpy as np
import pytest

from tests.models.counted import counts, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import PAN


@pytest.mark.parametrize(
    ("encoder", "channels", "published"),
    [
        ("ResNet34", 3, (21_475_816, 17_548)),
        ("ResNet34", 1, (21_469_544, 17_548)),
        ("ResNet50", 3, (24_259_816, 53_644)),
        ("ResNet50", 1, (24_253_544, 53_644)),
    ],
)
def test_published_counts(encoder, channels, published):
    assert counts(lambda: PAN((64, 64, channels), 1, encoder=encoder)) == published


def test_the_published_count_of_the_attention():
    assert trainable_in(PAN((64, 64, 3), 1, encoder="ResNet50"), "decoder-fpa") == 231_751


def test_parameters_by_hand():
    model = PAN((64, 64, 1), 2, encoder=tiny, decoder_channels=3)
    # from 20 channels: two 1x1 to 3, a 7x7 to 1; then 5x5, 3x3, 3x3, 5x5, 7x7 of one channel; bias and norm: 3 each
    pyramid = 20 * 49 + 25 + 9 + 9 + 25 + 49 + 6 * 3
    assert trainable_in(model, "decoder-fpa") == 2 * (20 * 3 + 3 * 3) + pyramid
    # gates 3 to 3, and 3x3 from the maps' 16, 12 and 8 channels
    assert trainable_in(model, "decoder-gau") == 3 * (3 * 3 + 9) + 9 * 3 * (16 + 12 + 8) + 3 * 9
    assert trainable_in(model, "segmentation_head") == 9 * 3 * 2 + 2


def test_the_pyramid_halves_and_comes_back():
    model = PAN((144, 128, 1), 1, encoder=tiny)
    sizes = [model.get_layer(f"decoder-fpa-{name}").output.shape[1:3] for name in ("down1-0", "down2-0", "down3-0")]
    assert sizes == [(4, 4), (2, 2), (1, 1)]
    sizes = [model.get_layer(f"decoder-fpa-{name}").output.shape[1:3] for name in ("up2", "up1", "up")]
    assert sizes == [(2, 2), (4, 4), (9, 8)]


@pytest.mark.parametrize("size", [(16, 130), (33, 65)])
def test_an_image_of_less_than_128_pixels(size):
    logits = PAN((*size, 1), 1, encoder=tiny).predict_on_batch(np.ones((1, *size, 1), np.float32))
    assert logits.shape == (1, *size, 1) and np.isfinite(logits).all()


@pytest.mark.parametrize(("depth", "output_stride", "stride"), [(3, 16, 8), (4, 16, 16), (5, 16, 16), (5, 32, 32)])
def test_the_deepest_map(depth, output_stride, stride):
    model = PAN((128, 128, 1), 1, encoder=tiny, depth=depth, output_stride=output_stride)
    assert model.get_layer("decoder-fpa-add").output.shape == (None, 128 // stride, 128 // stride, 32)
    gates = [layer.name for layer in model.layers if layer.name.endswith("conv1-0") and "gau" in layer.name]
    assert len(gates) == depth - 2 and model.output_shape == (None, 128, 128, 1)


def halving(image, *, depth=5):
    return tiny(image, depth=depth)


def test_an_encoder_that_cannot_dilate_goes_to_stride_32_alone():
    with pytest.raises(ValueError, match="encoder halving: cannot keep its maps at stride 16 by dilation"):
        PAN((64, 64, 1), 1, encoder=halving)
    assert PAN((64, 64, 1), 1, encoder=halving, output_stride=32).output_shape == (None, 64, 64, 1)
    assert PAN((64, 64, 1), 1, encoder=halving, depth=4).output_shape == (None, 64, 64, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 2}, "depth must be one of 3, 4, 5, got 2"),
        ({"output_stride": 8}, "output_stride must be one of 16, 32, got 8"),
        ({"decoder_channels": 0}, "decoder_channels must be a whole number of at least 1, got 0"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"PAN: {message}"):
        PAN((64, 64, 1), 1, **{"encoder": tiny, **options})
