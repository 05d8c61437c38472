"""The FPN of segmentation-models: the package's own function and weights, options refused."""

import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg.convert import load_sm, read_sm
from ultraseg.models import SMFPN
from ultraseg.sm._package import package


def test_parameters_of_the_package():
    model = SMFPN((64, 64, 3), 1)
    theirs = package().FPN("resnet34", input_shape=(64, 64, 3), classes=1, encoder_weights=None)
    for count in ("trainable_weights", "non_trainable_weights"):
        ours, other = ([weight.shape for weight in getattr(each, count)] for each in (model, theirs))
        assert ours == other
    assert model.count_params() == theirs.count_params() == 23_930_954


@pytest.mark.parametrize(("aggregation", "norm"), [("concat", True), ("sum", False)])
def test_the_same_function_with_the_packages_weights(aggregation, norm, tmp_path):
    options = {
        "pyramid_block_filters": 8,
        "pyramid_aggregation": aggregation,
        "pyramid_use_batchnorm": norm,
        "pyramid_dropout": 0.3,
    }
    theirs = package().FPN("resnet18", (64, 96, 1), 2, "linear", encoder_weights=None, **options)
    draw(theirs)
    write(tmp_path / "a.h5", theirs)
    model = SMFPN((64, 96, 1), 2, backbone="resnet18", **options)
    load_sm(model, read_sm(tmp_path / "a.h5"))
    images = np.random.default_rng(0).random((2, 64, 96, 1), np.float32)
    wanted = np.asarray(theirs(images))
    np.testing.assert_allclose(model(images), wanted, atol=1e-5 * np.abs(wanted).max())
    assert model.get_layer("pyramid_dropout").rate == 0.3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backbone": "resnet_34"}, "SMFPN: unknown backbone 'resnet_34'; did you mean 'resnet34'"),
        ({"pyramid_block_filters": 1}, "SMFPN: pyramid_block_filters must be at least 2"),
        ({"pyramid_block_filters": 2.5}, "SMFPN: pyramid_block_filters must be a whole number of at least 1, got 2.5"),
        ({"pyramid_aggregation": "mean"}, "SMFPN: pyramid_aggregation must be one of concat, sum, got 'mean'"),
        ({"pyramid_dropout": 1.0}, r"SMFPN: pyramid_dropout must be in \[0, 1\), got 1.0"),
    ],
)
def test_refusals(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        SMFPN((64, 64, 3), 1, **options)
