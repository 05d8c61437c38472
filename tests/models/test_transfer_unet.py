"""TransferUNet: its counts on report 002's three encoders, its decoder by hand, and Keras' own batch norm."""

import keras
import pytest

from tests.models.counted import counted, trainable_in
from tests.models.tiny import tiny
from ultraseg.models import TransferUNet


@pytest.mark.parametrize(
    ("encoder", "counts"),
    [
        ("VGG19", (31_168_193, 3_840)),
        ("KerasResNet50", (20_642_113, 34_432)),
        ("DenseNet121", (16_352_961, 57_280)),
    ],
)
def test_counts_of_report_002(encoder, counts):
    model = TransferUNet((64, 64, 3), 1, encoder=encoder)
    assert counted(model) == counts
    assert model.get_layer("decoder3_up").input.shape[1:3] == (4, 4)


def test_parameters_by_hand():
    model = TransferUNet((32, 32, 1), 2, encoder=tiny)
    # maps of 1, 4, 8, 12 and 16 channels; 2x2 up, joined, twice 3x3, each with a bias and two numbers of the norm
    before = 16
    for stage, (channels, skip) in reversed(list(enumerate([(64, 1), (128, 4), (256, 8), (512, 12)]))):
        up = 4 * before * channels + channels
        convolved = 9 * (channels + skip) * channels + 9 * channels * channels + 2 * 3 * channels
        assert trainable_in(model, f"decoder{stage}") == up + convolved
        before = channels
    assert trainable_in(model, "logits") == 64 * 2 + 2


def test_its_finest_skip_is_the_image_where_the_encoder_has_none():
    model = TransferUNet((32, 32, 3), 1, encoder=tiny)
    assert [each.shape[1:] for each in model.get_layer("decoder0_join").input] == [(32, 32, 64), (32, 32, 3)]


def test_batch_norm_is_kerass():
    norms = [each for each in TransferUNet((32, 32, 3), 1, encoder=tiny).layers if "norm" in each.name]
    assert len(norms) == 8 and {(norm.momentum, norm.epsilon) for norm in norms} == {(0.99, 1e-3)}
    assert all(isinstance(norm, keras.layers.BatchNormalization) for norm in norms)


def test_the_encoder_goes_no_deeper_than_it_is_used():
    with pytest.raises(ValueError, match="the model decides its depth"):
        TransferUNet((32, 32, 3), 1, encoder={"ResNet34": {"depth": 5}})


def test_too_few_pixels_are_refused():
    with pytest.raises(ValueError, match="at least 16 pixels high and wide, got 7"):
        TransferUNet((7, 32, 3), 1, encoder=tiny)
