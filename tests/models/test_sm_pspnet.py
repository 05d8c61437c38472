"""The PSPNet of segmentation-models: the package's own function and weights, sizes that the package refuses."""

import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg.convert import load_sm, read_sm
from ultraseg.models import SMPSPNet
from ultraseg.sm._package import package


def test_parameters_of_the_package():
    model = SMPSPNet((64, 64, 3), 1)
    theirs = package().PSPNet("resnet34", input_shape=(96, 96, 3), classes=1, encoder_weights=None)
    for count in ("trainable_weights", "non_trainable_weights"):
        ours, other = ([weight.shape for weight in getattr(each, count)] for each in (model, theirs))
        assert ours == other
    assert model.count_params() == theirs.count_params() == 2_746_058


@pytest.mark.parametrize(("factor", "norm"), [(4, True), (8, False), (16, True)])
def test_the_same_function_with_the_packages_weights_at_any_size(factor, norm, tmp_path):
    options = {"downsample_factor": factor, "psp_conv_filters": 4, "psp_use_batchnorm": norm, "psp_dropout": 0.3}
    theirs = package().PSPNet("resnet18", (96, 192, 1), 2, "linear", encoder_weights=None, **options)
    draw(theirs)
    write(tmp_path / "a.h5", theirs)
    model = SMPSPNet((None, None, 1), 2, backbone="resnet18", **options)
    load_sm(model, read_sm(tmp_path / "a.h5"))
    images = np.random.default_rng(0).random((2, 96, 192, 1), np.float32)
    wanted = np.asarray(theirs(images))
    np.testing.assert_allclose(model(images), wanted, atol=1e-5 * np.abs(wanted).max())
    assert model.get_layer("spatial_dropout").rate == 0.3
    # an image that the grids do not divide is reflected up to one that they do
    odd = images[:, :90, :180]
    wanted = model(np.pad(odd, ((0, 0), (0, 6), (0, 12), (0, 0)), "reflect"))[:, :90, :180]
    np.testing.assert_allclose(model(odd), wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backbone": "resnet_34"}, "SMPSPNet: unknown backbone 'resnet_34'; did you mean 'resnet34'"),
        ({"downsample_factor": 32}, "SMPSPNet: downsample_factor must be one of 4, 8, 16, got 32"),
        ({"psp_conv_filters": 0}, "SMPSPNet: psp_conv_filters must be a whole number of at least 1, got 0"),
        ({"psp_dropout": -0.1}, r"SMPSPNet: psp_dropout must be in \[0, 1\), got -0.1"),
    ],
)
def test_refusals(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        SMPSPNet((64, 64, 3), 1, **options)


def test_a_size_below_the_grids_is_refused():
    with pytest.raises(ValueError, match="an image must be at least 48 pixels high and wide, got 32"):
        SMPSPNet((32, 64, 3), 1)
