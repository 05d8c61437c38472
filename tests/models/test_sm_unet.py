"""The U-Net of segmentation-models: the package's own function, weights and options; any channels, any size."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg import sm
from ultraseg.convert import load_sm, read_sm
from ultraseg.models import SMUnet
from ultraseg.sm._package import package

SMALL = {"backbone": "resnet18", "decoder_filters": (16, 8, 8, 4, 4)}


def test_parameters_of_the_package():
    model = SMUnet((64, 64, 3), 1)
    theirs = package().Unet("resnet34", input_shape=(64, 64, 3), encoder_weights=None)
    for count in ("trainable_weights", "non_trainable_weights"):
        ours, other = ([weight.shape for weight in getattr(each, count)] for each in (model, theirs))
        assert ours == other
    assert model.count_params() == theirs.count_params() == 24_456_154
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 24_438_804


@pytest.mark.parametrize("block", ["upsampling", "transpose"])
def test_the_same_function_with_the_packages_weights(block, tmp_path):
    options = {"decoder_block_type": block, "decoder_filters": SMALL["decoder_filters"]}
    theirs = package().Unet("resnet18", (64, 96, 2), 3, "linear", encoder_weights=None, **options)
    draw(theirs)
    write(tmp_path / "a.h5", theirs)
    model = SMUnet((64, 96, 2), 3, backbone="resnet18", **options)
    load_sm(model, read_sm(tmp_path / "a.h5"))
    images = np.random.default_rng(0).random((2, 64, 96, 2), np.float32)
    wanted = np.asarray(theirs(images))
    np.testing.assert_allclose(model(images), wanted, atol=1e-5 * np.abs(wanted).max())


def test_without_batch_norm_convolutions_have_biases():
    model = SMUnet((32, 32, 1), 1, decoder_use_batchnorm=False, **SMALL)
    assert model.get_layer("decoder_stage0a_conv").use_bias
    assert not any(layer.name.startswith("decoder") and layer.name.endswith("bn") for layer in model.layers)


def test_a_frozen_backbone_trains_its_batch_norms_alone():
    model = SMUnet((32, 32, 3), 1, encoder_freeze=True, **SMALL)
    trained = {weight.path.split("/")[0] for weight in model.trainable_weights}
    assert {"bn_data", "stage4_unit2_bn2", "decoder_stage0a_conv", "final_conv"} <= trained
    assert not any("_conv" in name and name.startswith("stage") or name == "conv0" for name in trained)


@pytest.mark.parametrize("channels", [3, 1, 2, 5])
def test_a_learnt_backbone_takes_pixels_and_any_channels(channels, tmp_path):
    backbone, maps = sm.backbone("test", "mobilenet")
    draw(backbone)
    write(tmp_path / "a.h5", backbone)
    model = SMUnet((32, 64, channels), 1, backbone="mobilenet", encoder_weights=tmp_path / "a.h5")
    images = np.random.default_rng(0).random((1, 32, 64, channels), np.float32)
    prepared = 2 * images - 1
    if channels == 1:
        prepared = np.repeat(prepared, 3, axis=-1)
    elif channels != 3:
        mixed = [prepared[..., colour::3].sum(axis=-1) * 3 / channels for colour in range(3)]
        prepared = np.stack(mixed, axis=-1)
    found = keras.Model(model.input, model.get_layer("conv_pw_3_relu").output)(images)
    np.testing.assert_allclose(found, keras.Model(backbone.input, maps[2])(prepared), atol=1e-4)


def test_a_file_is_opened_where_the_package_was_never_imported(tmp_path):
    model = SMUnet((None, None, 1), 1, backbone="seresnet18", decoder_filters=(4, 4, 4, 4, 4))
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).random((1, 33, 40, 1), np.float32)
    np.save(tmp_path / "images.npy", images)
    code = (
        "import sys, numpy, keras, ultraseg.models; model = keras.saving.load_model('model.keras'); "
        "numpy.save('logits.npy', model(numpy.load('images.npy'))); assert 'segmentation_models' not in sys.modules"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, env=environment)
    np.testing.assert_allclose(np.load(tmp_path / "logits.npy"), model(images), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backbone": "resnet_34"}, "SMUnet: unknown backbone 'resnet_34'; did you mean 'resnet34'"),
        ({"decoder_block_type": "bilinear"}, "SMUnet: decoder_block_type must be one of upsampling, transpose, got"),
        ({"decoder_filters": (8, 4)}, "SMUnet: decoder_filters must be a list of 5 whole numbers of at least 1"),
        ({"encoder_weights": "nowhere.h5"}, "SMUnet: weights must be imagenet or the path of an .h5 file .*nowhere.h5"),
        ({"backbone": "densenet121"}, "SMUnet: densenet121 cannot be built"),
    ],
)
def test_refusals(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        SMUnet((64, 64, 3), 1, **options)


def test_a_size_below_the_stride_is_refused():
    with pytest.raises(ValueError, match="an image must be at least 32 pixels high and wide, got 31"):
        SMUnet((31, 64, 3), 1)
