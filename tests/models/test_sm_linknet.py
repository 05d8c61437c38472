"""The Linknet of segmentation-models: the package's own function and weights, options refused."""

import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg.convert import load_sm, read_sm
from ultraseg.models import SMLinknet
from ultraseg.sm._package import package


def test_parameters_of_the_package():
    model = SMLinknet((64, 64, 3), 1)
    theirs = package().Linknet("resnet34", input_shape=(64, 64, 3), encoder_weights=None)
    for count in ("trainable_weights", "non_trainable_weights"):
        ours, other = ([weight.shape for weight in getattr(each, count)] for each in (model, theirs))
        assert ours == other
    assert model.count_params() == theirs.count_params() == 21_637_274


@pytest.mark.parametrize(("block", "norm"), [("upsampling", True), ("transpose", False)])
def test_the_same_function_with_the_packages_weights(block, norm, tmp_path):
    """Its last convolution has no name but Keras' number."""
    options = {"decoder_block_type": block, "decoder_use_batchnorm": norm}
    filters = (None, None, None, None, 4)
    theirs = package().Linknet(
        "seresnet18", (64, 96, 1), 2, "linear", encoder_weights=None, decoder_filters=filters, **options
    )
    draw(theirs)
    write(tmp_path / "a.h5", theirs)
    model = SMLinknet((64, 96, 1), 2, backbone="seresnet18", decoder_filters=4, **options)
    load_sm(model, read_sm(tmp_path / "a.h5"))
    images = np.random.default_rng(0).random((2, 64, 96, 1), np.float32)
    wanted = np.asarray(theirs(images))
    np.testing.assert_allclose(model(images), wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backbone": "resnet_34"}, "SMLinknet: unknown backbone 'resnet_34'; did you mean 'resnet34'"),
        ({"decoder_block_type": "bilinear"}, "SMLinknet: decoder_block_type must be one of upsampling, transpose, got"),
        ({"decoder_filters": 0}, "SMLinknet: decoder_filters must be a whole number of at least 1, got 0"),
    ],
)
def test_refusals(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        SMLinknet((64, 64, 3), 1, **options)
