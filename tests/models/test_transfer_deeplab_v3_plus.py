"""TransferDeepLabV3Plus: its counts on report 002's three encoders, its decoder by hand, Keras' own batch norm."""

import keras
import numpy as np
import pytest

from tests.models.counted import counted, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import TransferDeepLabV3Plus


@pytest.mark.parametrize(
    ("encoder", "counts"),
    [
        ("VGG19", (25_460_129, 4_192)),
        ("KerasResNet50", (17_795_425, 34_784)),
        ("DenseNet121", (13_506_273, 57_632)),
    ],
)
def test_counts_of_report_002(encoder, counts):
    model = TransferDeepLabV3Plus((64, 64, 3), 1, encoder=encoder)
    assert counted(model) == counts
    assert model.get_layer("pyramid_join").output.shape == (None, 4, 4, 5 * 256)


def test_parameters_by_hand():
    model = TransferDeepLabV3Plus((32, 32, 1), 2, encoder=tiny)
    # from 16 to 256 channels: the whole, itself, three rates; then five of 256; two numbers a channel behind each
    assert trainable_in(model, "pyramid") == (2 + 27) * 16 * 256 + 5 * 256 * 256 + 6 * 2 * 256
    # 8 channels to 48, joined to 256, and twice 3x3
    assert trainable_in(model, "decoder_fine") == 8 * 48 + 2 * 48
    assert trainable_in(model, "decoder_conv") == 9 * (304 + 256) * 256 + 2 * 2 * 256
    assert trainable_in(model, "logits") == 256 * 2 + 2


def test_where_its_maps_join():
    model = TransferDeepLabV3Plus((64, 64, 3), 1, encoder=tiny)
    assert [each.shape[1:] for each in model.get_layer("decoder_join").input] == [(16, 16, 256), (16, 16, 48)]
    assert [model.get_layer(f"pyramid_rate{rate}").rate for rate in (6, 12, 18)] == [6, 12, 18]


def test_logits_are_enlarged_between_the_centres_of_pixels():
    # half-pixel centres, 1 2 enlarged by four: the ends stay, and between them the steps are of an eighth
    image = keras.Input((1, 2, 1))
    layer = TransferDeepLabV3Plus((64, 64, 3), 1, encoder=tiny).get_layer("logits_up")
    found = keras.Model(image, type(layer).from_config(layer.get_config())(image)).predict_on_batch(
        np.array([[[[1.0], [2.0]]]])
    )
    np.testing.assert_allclose(found[0, 0, :, 0], [1, 1, 1.125, 1.375, 1.625, 1.875, 2, 2], atol=1e-6)


def test_batch_norm_is_kerass():
    norms = [each for each in TransferDeepLabV3Plus((32, 32, 3), 1, encoder=tiny).layers if "norm" in each.name]
    assert len(norms) == 9 and {(norm.momentum, norm.epsilon) for norm in norms} == {(0.99, 1e-3)}


def test_the_encoder_goes_no_deeper_than_it_is_used():
    with pytest.raises(ValueError, match="the model decides its depth"):
        TransferDeepLabV3Plus((32, 32, 3), 1, encoder={"ResNet34": {"depth": 5}})
