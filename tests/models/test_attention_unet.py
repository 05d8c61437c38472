"""Attention U-Net: gates by hand, gates that are open and shut, which skips have one, and what it refuses."""

import keras
import numpy as np
import pytest

from tests.models.counted import trainable_in
from tests.models.tiny import tiny
from ultraseg.models import AttentionUNet, UNet

SMALL = {"width": 2, "depth": 2}
IMAGES = np.random.default_rng(0).random((2, 32, 32, 1), np.float32)


def seen(model, images, *names):
    """What layers give."""
    outputs = keras.Model(model.input, [model.get_layer(name).output for name in names])(images)
    return [keras.ops.convert_to_numpy(each) for each in outputs]


def set_gates(model, bias):
    """Make every gate give one weight everywhere."""
    for layer in model.layers:
        if layer.name.endswith("-psi"):
            layer.set_weights([np.zeros(layer.kernel.shape), np.full(1, bias)])


def test_parameters_by_hand():
    model = AttentionUNet((32, 32, 1), 1, **SMALL)
    # on a skip of 4 channels, over one of 8: a 2x2 kernel to 2 channels, 1x1 from 8 to 2, 1x1 from 2 to 1
    assert trainable_in(model, "gate1") == 4 * 4 * 2 + (8 * 2 + 2) + (2 + 1)
    assert model.count_params() - UNet((32, 32, 1), 1, **SMALL).count_params() == trainable_in(model, "gate")


@pytest.mark.parametrize(
    ("options", "gated"),
    [({}, [1, 2, 3]), ({"depth": 2}, [1]), ({"encoder": tiny}, [2, 3, 4]), ({"encoder": tiny, "depth": 3}, [2])],
)
def test_every_skip_but_the_finest_has_a_gate(options, gated):
    model = AttentionUNet((32, 32, 1), 1, width=2, **options)
    assert sorted(int(layer.name[4]) for layer in model.layers if layer.name.endswith("-psi")) == gated


def test_channels_of_the_decoder_one_by_one():
    model = AttentionUNet((16, 16, 1), 1, encoder=tiny, depth=3, decoder_channels=(7, 3, 5))
    assert [model.get_layer(f"decoder-blocks-{block}-conv1-0").filters for block in range(3)] == [7, 3, 5]


def test_a_gate_by_hand():
    keras.utils.set_random_seed(0)
    model = AttentionUNet((8, 8, 1), 1, **SMALL)
    generator = np.random.default_rng(1)
    for name in ("theta", "phi", "psi"):
        layer = model.get_layer(f"gate1-{name}")
        layer.set_weights([generator.normal(size=weight.shape) for weight in layer.get_weights()])
    model.get_layer("gate1-phi").bias.assign([1.0, -1.0])  # of which the ReLU cuts one
    (theta,), (phi, b), (psi, c) = (model.get_layer(f"gate1-{name}").get_weights() for name in ("theta", "phi", "psi"))
    skip, below, weights, gated = seen(
        model, IMAGES[:, :8, :8], "encoder1_conv2", "encoder2_conv2", "gate1-weights", "gate1-skip"
    )
    patches = skip.reshape(2, 2, 2, 2, 2, 4).transpose(0, 1, 3, 2, 4, 5)  # 4x4 pixels as 2x2 of 2x2
    inner = np.einsum("nijyxc,yxcf->nijf", patches, theta) + below @ phi[0, 0] + b
    assert inner.min() < 0 < inner.max()
    small = 1 / (1 + np.exp(-(np.maximum(inner, 0) @ psi[0, 0] + c)))
    np.testing.assert_allclose(weights[:, ::3, ::3], small, atol=1e-5)  # the corners stay
    np.testing.assert_allclose(weights[:, 0, 1], small[:, 0, 0] * 2 / 3 + small[:, 0, 1] / 3, atol=1e-5)
    np.testing.assert_allclose(gated, skip * weights, atol=1e-6)


@pytest.mark.parametrize("decoder", ["upsample", "transpose"])
@pytest.mark.parametrize("encoder", ["plain", tiny])
def test_gates_forced_open_leave_the_u_net(encoder, decoder):
    options = {"encoder": encoder, "decoder": decoder, "width": 2, "depth": 4}
    gated, plain = AttentionUNet((32, 32, 1), 2, **options), UNet((32, 32, 1), 2, **options)
    for layer in plain.layers:
        layer.set_weights(gated.get_layer(layer.name).get_weights())
    set_gates(gated, 40)
    wanted = plain.predict_on_batch(IMAGES)
    np.testing.assert_allclose(gated.predict_on_batch(IMAGES), wanted, atol=1e-5 * np.abs(wanted).max())
    set_gates(gated, 0)
    assert not np.allclose(gated.predict_on_batch(IMAGES), wanted, atol=1e-3 * np.abs(wanted).max())


def test_a_shut_gate_lets_nothing_through():
    model = AttentionUNet((32, 32, 1), 1, **SMALL)
    set_gates(model, -200)
    assert not seen(model, IMAGES, "gate1-skip")[0].any()


def test_gates_begin_open():
    # without biases and norms nothing comes of a black image, so that the sigmoid of 3 is left
    weights = seen(AttentionUNet((32, 32, 1), 1, width=2), 0 * IMAGES, *(f"gate{stage}-weights" for stage in (1, 2, 3)))
    for each in weights:
        np.testing.assert_allclose(each, 1 / (1 + np.exp(-3)), rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 1}, "depth must be at least 2 on the encoder plain, .* got 1"),
        ({"encoder": tiny, "depth": 2}, "depth must be at least 3 on the encoder tiny, .* got 2"),
        ({"decoder": "bilinear"}, "decoder must be one of upsample, transpose, got 'bilinear'"),
        ({"width": 0}, r"width and depth must be at least 1 and dropout in \[0, 1\), got 0, 4 and 0.0"),
        ({"decoder_channels": [8, 4, 2, 1]}, "decoder_channels must be left out, since on the encoder plain"),
        (
            {"encoder": tiny, "decoder_channels": [8]},
            r"decoder_channels must be a list of 5 whole numbers .*, got \[8\]",
        ),
        ({"dropout": 1.0}, r"width and depth must be at least 1 and dropout in \[0, 1\)"),
    ],
)
def test_an_option_out_of_its_range_is_refused(options, message):
    with pytest.raises(ValueError, match=f"AttentionUNet: {message}"):
        AttentionUNet((32, 32, 1), 1, **options)


def test_an_unknown_encoder_is_refused():
    with pytest.raises(ValueError, match="unknown name 'ResNet35'; did you mean 'ResNet"):
        AttentionUNet((32, 32, 1), 1, encoder="ResNet35")
