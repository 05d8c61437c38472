"""Weights of segmentation-models: Keras 2's layout read by name, all of them or none."""

import h5py
import keras
import numpy as np
import pytest
from keras import layers
from typer.testing import CliRunner

from tests.sm.keras2 import write
from ultraseg.cli.app import app
from ultraseg.convert import load_sm, read_sm, sm_model

SPEC = {"SMUnet": {"backbone": "resnet18", "decoder_filters": [4, 4, 4, 4, 2]}}


def network():
    """A layer of every kind that has weights, some of them named by Keras, after others were."""
    layers.Conv2D(1, 1)
    image = keras.Input((None, None, 2))
    features = layers.BatchNormalization(scale=False, name="bn_data")(image)
    features = layers.DepthwiseConv2D(3, name="dw")(layers.Conv2D(3, 1)(features))
    features = layers.Conv2DTranspose(3, 2, name="up")(layers.Conv2D(3, 1)(features))
    return keras.Model(image, layers.Conv2D(4, 1, name="final_conv")(features), name="small")


@pytest.fixture
def small():
    """With the names that a rebuilt one has."""
    image, names = keras.Input((None, None, 2)), iter(["conv2d", "conv2d_1"])
    features = layers.BatchNormalization(scale=False, name="bn_data")(image)
    features = layers.DepthwiseConv2D(3, name="dw")(layers.Conv2D(3, 1, name=next(names))(features))
    features = layers.Conv2DTranspose(3, 2, name="up")(layers.Conv2D(3, 1, name=next(names))(features))
    return keras.Model(image, layers.Conv2D(4, 1, name="final_conv")(features), name="small")


@pytest.mark.parametrize("layout", [{}, {"nest": "model_weights"}, {"piece": 2}])
def test_every_layout_is_read_by_name(small, tmp_path, layout):
    model = network()
    for seed, weight in enumerate(model.weights):
        weight.assign(np.random.default_rng(seed).random(weight.shape) + 0.5)
    write(tmp_path / "a.h5", model, **layout)
    arrays = read_sm(tmp_path / "a.h5")
    assert list(arrays) == ["bn_data", "conv2d", "dw", "conv2d_1", "up", "final_conv"]
    assert list(arrays["bn_data"]) == ["beta", "moving_mean", "moving_variance"]
    assert list(arrays["dw"]) == ["kernel", "bias"]
    load_sm(small, arrays)
    for found, wanted in zip(small.weights, model.weights, strict=True):
        np.testing.assert_array_equal(found, wanted)
    images = np.random.default_rng(0).random((1, 8, 9, 2), np.float32)
    np.testing.assert_array_equal(small(images), model(images))


def test_the_numbers_that_keras_gave_do_not_matter_but_their_order_does(small, tmp_path):
    """In the file the second convolution, by number, is the one that was built second."""
    shift = {"conv2d": "conv2d_7", "conv2d_1": "conv2d_12"}
    write(tmp_path / "a.h5", small, names=lambda name: shift.get(name, name))
    assert set(read_sm(tmp_path / "a.h5")) == {layer.name for layer in small.layers if layer.weights}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda file: file.pop("dw"), r"^small: .*none is taken: 2 missing \(dw/kernel, dw/bias\)$"),
        (lambda file: file.update(x={"bias": np.zeros(1)}), r"1 superfluous \(x/bias\)$"),
        (
            lambda file: file["up"].update(kernel=np.zeros((2, 2, 3, 2))),
            r"1 of another shape \(up/kernel \[2, 2, 3, 2\] where \[2, 2, 3, 3\] is wanted\)$",
        ),
        (lambda file: file["up"].update(bias=np.full(3, np.nan)), r"1 not of finite real numbers \(up/bias\)$"),
        (lambda file: file["up"].update(bias=np.zeros(3, int)), r"1 not of finite real numbers \(up/bias\)$"),
        (lambda file: file.clear(), r"13 missing \(bn_data/beta, bn_data/moving_mean, bn_data/moving_variance, ...\)$"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_taken(small, tmp_path, spoil, sentence):
    before = small.get_weights()
    write(tmp_path / "a.h5", network())
    arrays = read_sm(tmp_path / "a.h5")
    spoil(arrays)
    with pytest.raises(ValueError, match=sentence):
        load_sm(small, arrays)
    for now, then in zip(small.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_damaged_files_and_other_layouts_are_refused_by_name(small, tmp_path):
    write(tmp_path / "whole.h5", small)
    whole = (tmp_path / "whole.h5").read_bytes()
    (tmp_path / "short.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise.h5").write_bytes(np.random.default_rng(0).bytes(3000))
    (tmp_path / "empty.h5").write_bytes(b"")
    small.save_weights(tmp_path / "new.weights.h5")
    with h5py.File(tmp_path / "whole.h5", "r+") as file:
        del file["dw/dw/bias:0"]
    for name in ("short.h5", "noise.h5", "empty.h5", "new.weights.h5", "whole.h5"):
        with pytest.raises(ValueError, match=f"{name}: the file is damaged, cut short or not laid out as Keras 2"):
            read_sm(tmp_path / name)
    write(tmp_path / "bare.h5", keras.Model(small.input, layers.ReLU()(small.input)))
    with pytest.raises(ValueError, match="bare.h5: holds no weights"):
        read_sm(tmp_path / "bare.h5")
    with pytest.raises(FileNotFoundError):
        read_sm(tmp_path / "nothing.h5")


@pytest.mark.parametrize("spec", [None, "UNet", {"FPN": {}}])
def test_only_models_of_the_package_take_such_files(spec):
    with pytest.raises(
        ValueError, match="a.h5: an .h5 file is read into a model of segmentation-models; name it, .*SMFPN"
    ):
        sm_model("a.h5", spec)


def test_weights_of_the_backbone_beside_the_files_are_a_contradiction():
    with pytest.raises(ValueError, match="SMUnet: the backbone's weights, imagenet, are asked for beside those of"):
        sm_model("a.h5", {"SMUnet": {"encoder_weights": "imagenet"}})


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A U-Net of two channels and three classes, and its weights in a file."""
    from ultraseg import catalogue

    model = catalogue.bind("models", SPEC)((32, 32, 2), 3)
    path = tmp_path_factory.mktemp("weights") / "unet.h5"
    write(path, model)
    return path, model


def test_channels_and_classes_are_the_files(saved):
    path, model = saved
    found = sm_model(path, SPEC)
    assert found.input_shape == (None, None, None, 2) and found.output_shape == (None, None, None, 3)
    for array, wanted in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(array, wanted)


def test_another_backbone_or_shape_is_refused(saved):
    path, _ = saved
    with pytest.raises(ValueError, match="SMUnet: the weights do not fit, none is taken: .* missing"):
        sm_model(path, {"SMUnet": {**SPEC["SMUnet"], "backbone": "mobilenet"}})
    with pytest.raises(ValueError, match="SMUnet: .* of another shape .*bn_data"):
        sm_model(path, SPEC, shape=(64, 64, 1))
    with pytest.raises(ValueError, match="SMUnet: .* of another shape .*final_conv"):
        sm_model(path, SPEC, classes=1)


def test_the_command_line(saved, tmp_path):
    path, model = saved
    spec = "{SMUnet: {backbone: resnet18, decoder_filters: [4, 4, 4, 4, 2]}}"
    done = CliRunner().invoke(app, ["convert", str(path), "--model", spec, "-o", str(tmp_path / "model.keras")])
    assert done.exit_code == 0, done.output
    assert "SMUnet" in done.output and "all its weights read" in done.output
    images = np.random.default_rng(0).random((1, 32, 32, 2), np.float32)
    found = keras.saving.load_model(tmp_path / "model.keras")(images)
    np.testing.assert_allclose(found, model(images), atol=1e-6)
