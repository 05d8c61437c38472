"""ValidUNet: report 003's counts to the last weight, and its sizes."""

import keras
import numpy as np
import pytest

from ultraseg.models import ValidUNet


@pytest.mark.parametrize(("decoder", "count"), [("upsample", 22_321_090), ("transpose", 23_370_178)])
def test_the_reports_parameter_counts(decoder, count):
    model = ValidUNet((300, 300, 1), 2, decoder=decoder)
    assert model.count_params() == count
    assert model.output_shape == (None, 116, 116, 2)
    ups = [type(layer).__name__ for layer in model.layers if layer.name.endswith("_up")]
    first = {"upsample": "UpSampling2D", "transpose": "Conv2DTranspose"}[decoder]
    assert ups == [first, "Conv2DTranspose", "Conv2DTranspose", "Conv2DTranspose"]


def test_the_decoders_differ_by_one_layer():
    # Conv2DTranspose, 2x2, from 512 to 512 channels
    assert 23_370_178 - 22_321_090 == 4 * 512 * 512 + 512


def test_a_quarter_of_the_width_has_a_sixteenth_of_the_weights():
    model = ValidUNet((300, 300, 1), 2, width=16)
    assert model.output_shape == (None, 116, 116, 2)
    assert model.get_layer("centre_conv1").filters == 256
    # biases, the first kernel and the last one shrink by 4
    assert model.count_params() == pytest.approx(22_321_090 / 16, rel=0.005)


@pytest.mark.parametrize("width", [0, 3, -2])
def test_a_width_that_cannot_be_halved_is_refused(width):
    with pytest.raises(ValueError, match=f"ValidUNet: width must be even and at least 2, got {width}"):
        ValidUNet((300, 300, 1), 2, width=width)


@pytest.mark.parametrize(("side", "out"), [(188, 4), (204, 20), (572, 388)])
def test_sizes(side, out):
    assert ValidUNet((side, 188, 3), 1).output_shape == (None, out, 4, 1)


def test_its_kernels_are_drawn_as_the_report_drew_them():
    kernel = ValidUNet((188, 188, 1), 1).get_layer("encoder1_conv1").get_weights()[0]
    assert np.abs(kernel).max() == pytest.approx((6 / (9 * (64 + 128))) ** 0.5, rel=0.01)


@pytest.mark.parametrize("side", [299, 301, 172, 0, -4])
def test_a_size_that_does_not_survive_four_poolings_is_refused(side):
    with pytest.raises(ValueError, match=rf"ValidUNet: sides must be 188, 204, 220, .* got {side}"):
        ValidUNet((side, 300, 1), 2)


def test_a_side_that_is_not_known_yet():
    free = ValidUNet((None, 204, 1), 2)
    assert free.output_shape == (None, None, 20, 2)
    for height in (188, 204):
        known = ValidUNet((height, 204, 1), 2)
        known.set_weights(free.get_weights())
        image = np.random.default_rng(0).random((1, height, 204, 1), np.float32)
        found = free.predict_on_batch(image)
        assert found.shape == (1, height - 184, 20, 2)
        np.testing.assert_allclose(found, known.predict_on_batch(image), atol=1e-6)


def test_an_unknown_decoder_is_refused():
    with pytest.raises(ValueError, match="ValidUNet: decoder must be one of upsample, transpose, got 'nearest'"):
        ValidUNet((300, 300, 1), 2, decoder="nearest")


def test_half_precision_gives_float32_logits():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = ValidUNet((188, 188, 1), 2)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32" and model.get_layer("centre_conv1").compute_dtype == "float16"
