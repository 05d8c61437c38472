"""The package's networks: what there is, what their weights expect, and what can be wrong, each in one sentence."""

import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg import sm
from ultraseg.sm import _weights

TORCH = [1 / 0.229, 1 / 0.224, 1 / 0.225], [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225]
CAFFE = [255] * 3, [-103.939, -116.779, -123.68]


@pytest.fixture(scope="module")
def resnet():
    model, maps = sm.backbone("test", "resnet18")
    draw(model)
    return model, maps


def test_every_backbone_but_densenets():
    names = sm.backbones()
    assert {"resnet34", "seresnet34", "seresnext50", "senet154", "efficientnetb7", "mobilenetv2", "vgg16"} <= set(names)
    assert len(names) == 29 and not any("densenet" in name for name in names)


def test_maps_are_the_packages_own_skips_and_its_end(resnet):
    model, maps = resnet
    assert maps[0] is None
    shapes = keras.Model(model.input, maps[1:]).compute_output_shape((1, 64, 96, 3))
    # the first unit of a stage halves, and its skip is taken before that
    assert shapes == [(1, 32, 48, 64), (1, 16, 24, 64), (1, 8, 12, 128), (1, 4, 6, 256), (1, 2, 3, 512)]
    assert [tensor._keras_history[0].name for tensor in maps[1:3]] == ["relu0", "stage2_unit1_relu1"]


def test_vgg_works_at_stride_one():
    _, maps = sm.backbone("test", "vgg16")
    assert [tensor.shape[-1] for tensor in maps] == [64, 128, 256, 512, 512, 512]


@pytest.mark.parametrize(
    ("name", "colours", "scale", "offset"),
    [
        ("resnet34", (0, 1, 2), [255] * 3, [0] * 3),
        ("seresnet18", (0, 1, 2), [255] * 3, [0] * 3),
        ("resnext50", (0, 1, 2), [255] * 3, [0] * 3),
        ("seresnext50", (0, 1, 2), *TORCH),
        ("efficientnetb0", (0, 1, 2), *TORCH),
        ("vgg19", (2, 1, 0), *CAFFE),
        ("mobilenet", (0, 1, 2), [2] * 3, [-1] * 3),
        ("inceptionv3", (0, 1, 2), [2] * 3, [-1] * 3),
    ],
)
def test_what_weights_expect_of_pixels(name, colours, scale, offset):
    found = sm.pixels(name)
    assert found[0] == colours
    np.testing.assert_allclose(found[1:], [scale, offset], rtol=1e-12)


@pytest.mark.parametrize("name", ["Unet", "FPN", "Linknet", "PSPNet"])
def test_architectures_end_in_logits(name):
    model = sm.architecture("test", name, "resnet18", {"classes": 2})
    assert model.layers[-1].activation is keras.activations.linear and model.output_shape[-1] == 2


def test_unknown_backbones_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="test: unknown backbone 'resnet_34'; did you mean 'resnet34'"):
        sm.backbone("test", "resnet_34")
    with pytest.raises(ValueError, match="test: unknown backbone 3"):
        sm.architecture("test", "Unet", 3, {})


def test_densenets_are_refused_with_the_reason():
    with pytest.raises(
        ValueError, match="test: densenet121 cannot be built: .* a slash, .* take the encoder DenseNet121"
    ):
        sm.backbone("test", "densenet121")


def test_without_the_package_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "segmentation_models", None)
    with pytest.raises(ValueError, match=r"segmentation-models: cannot be imported .*; pip install 'ultraseg\[sm\]'"):
        sm.backbones()


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match="runs on Keras' backend tensorflow alone, this is jax; set KERAS_BACKEND"):
        sm.backbones()


def test_a_framework_set_by_others_is_set_right(monkeypatch):
    told = []
    other = SimpleNamespace(
        framework=lambda: "keras", set_framework=told.append, get_available_backbone_names=lambda: ["resnet18"]
    )
    monkeypatch.setitem(sys.modules, "segmentation_models", other)
    assert sm.backbones() == ["resnet18"] and told == ["tf.keras"]


def test_the_package_is_imported_in_silence_and_only_when_wanted():
    code = (
        "import sys, ultraseg.models, ultraseg.sm; assert 'segmentation_models' not in sys.modules; "
        "ultraseg.sm.backbones(); assert 'segmentation_models' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_backbone_has_an_address_and_a_hash_but_mobilenets():
    for name in sm.backbones():
        address, digest = _weights.source(name)
        assert address.startswith("https://github.com/") and address.endswith(".h5")
        assert digest is None if name.startswith("mobilenet") else len(digest) in (32, 64), name
    assert "_no_top" in _weights.source("resnet34")[0] and "_notop" in _weights.source("efficientnetb3")[0]


def test_imagenet_is_fetched_once_and_checked(monkeypatch, tmp_path, resnet):
    model, _ = resnet
    write(tmp_path / "a.h5", model)
    asked = []

    def get_file(*given, **options):
        asked.append((given, options))
        return str(tmp_path / "a.h5")

    monkeypatch.setattr(keras.utils, "get_file", get_file)
    found, _ = sm.backbone("test", "resnet18", "imagenet")
    for array, wanted in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(array, wanted)
    address = "https://github.com/qubvel/classification_models/releases/download/0.0.1/resnet18_imagenet_1000_no_top.h5"
    options = {"cache_subdir": "models", "file_hash": "318e3ac0cd98d51e917526c9f62f0b50"}
    assert asked == [(("resnet18_imagenet_1000_no_top.h5", address), options)]


@pytest.mark.parametrize(
    "fault", [Exception("URL fetch failure on https://"), ValueError("Incomplete file"), OSError()]
)
def test_without_a_network_the_file_and_the_remedy_are_named(monkeypatch, fault):
    def get_file(*_, **__):
        raise fault

    monkeypatch.setattr(keras.utils, "get_file", get_file)
    with pytest.raises(ValueError, match=r"test: cannot fetch https://.*resnet18_imagenet_1000_no_top.h5 \(.*by hand"):
        sm.backbone("test", "resnet18", "imagenet")


def test_what_cannot_be_checked_is_not_fetched():
    with pytest.raises(ValueError, match="nobody published a hash to check https://.*mobilenet.* by hand"):
        sm.backbone("test", "mobilenet", "imagenet")


@pytest.mark.parametrize("weights", ["nowhere.h5", "image", 3, "folder"])
def test_what_is_no_file_is_refused(tmp_path, monkeypatch, weights):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=f"test: weights must be imagenet or the path of an .h5 file .*{weights}"):
        sm.backbone("test", "resnet18", weights)


def test_weights_of_another_network_or_damaged_are_refused(tmp_path, resnet):
    model, maps = resnet
    write(tmp_path / "short.h5", keras.Model(model.input, maps[1]))
    (tmp_path / "noise.h5").write_bytes(b"noise")
    for name in ("short.h5", "noise.h5"):
        with pytest.raises(ValueError, match=f"test: weights .*{name} cannot be read or are not resnet18's .* by hand"):
            sm.backbone("test", "resnet18", tmp_path / name)
        with pytest.raises(ValueError, match=f"test: weights .*{name} cannot be read or are not resnet18's"):
            sm.architecture("test", "Unet", "resnet18", {}, tmp_path / name)
