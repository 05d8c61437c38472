"""`ultraseg convert`: there and back, and every refusal one sentence with nothing written."""

import errno
import functools
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.cli.commands import refused, ultraseg, within
from tests.golden import smp
from ultraseg.convert import build, load, save, state_dict

SPEC = "{PSPNet: {encoder: ResNet18, depth: 2, psp_channels: 8}}"
CONFIGURATION = {
    "_model_class": "PSPNet",
    "encoder_name": "resnet18",
    "encoder_depth": 2,
    "psp_out_channels": 8,
    "upsampling": 4,
}


@pytest.fixture(scope="module")
def arrays():
    """Weights as smp would leave them, those of the encoder's idle stages too."""
    spec = {"PSPNet": {"encoder": "ResNet18", "depth": 2, "psp_channels": 8, "whole_encoder": True}}
    shapes = state_dict(build(spec, {}, shape=(None, None, 1), classes=2))
    return {
        name: array if name.endswith("tracked") else smp.draw(name, array.shape).astype(np.float32)
        for name, array in shapes.items()
    }


@pytest.fixture(scope="module")
def file(arrays, tmp_path_factory):
    """The weights in a file, written once."""
    path = tmp_path_factory.mktemp("weights") / "model.safetensors"
    save_file(arrays, path, {"format": "pt"})
    return path


@pytest.fixture
def folder(tmp_path, file):
    """A checkpoint of each kind that is read without PyTorch."""
    (tmp_path / "weights.safetensors").symlink_to(file)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "model.safetensors").symlink_to(file)
    (tmp_path / "saved" / "config.json").write_text(json.dumps(CONFIGURATION))
    return tmp_path


@pytest.fixture
def convert(tmp_path):
    """Runs the command in this process, where Keras is loaded already."""
    return functools.partial(within, "convert", folder=tmp_path)


def test_there_and_back(convert, folder, arrays):
    answer = convert("weights.safetensors", "--model", SPEC, "-o", "out/model.keras")
    assert answer.returncode == 0, answer.stderr
    assert "wrote out/model.keras: PSPNet, images any x any x 1, classes 2, all its weights read" in answer.stdout
    assert "weights that smp holds and never runs, such as encoder.layer" in answer.stdout
    model = load(folder / "out" / "model.keras")
    assert model.input_shape == (None, None, None, 1)
    for name, array in state_dict(model).items():
        np.testing.assert_array_equal(array, arrays[name])
    refused(convert("out/model.keras", "--to", "smp", "-o", "b.safetensors"), "name the encoder, ResNet18, as in")
    answer = convert("out/model.keras", "--to", "smp", "-o", "back.safetensors", "--model", SPEC)
    assert answer.returncode == 0, answer.stderr
    assert f"wrote back.safetensors: {len(arrays)} arrays that smp.PSPNet loads strictly" in answer.stdout
    assert "of them never run there and were drawn at random, such as encoder.layer2.0.conv1.weight" in answer.stdout
    back = load_file(folder / "back.safetensors")
    assert {name: array.shape for name, array in back.items()} == {name: array.shape for name, array in arrays.items()}
    for name in state_dict(model):
        np.testing.assert_array_equal(back[name], arrays[name])
    assert not (folder / "b.safetensors").exists()


def test_a_folder_of_save_pretrained_needs_no_model(convert, folder):
    answer = convert("saved", "-o", "model.keras", "--shape", 64, 32, 1, "--classes", 2)
    assert answer.returncode == 0, answer.stderr
    assert "PSPNet, images 64 x 32 x 1, classes 2" in answer.stdout


def _cut(folder):
    path = folder / "weights.safetensors"
    cut = path.read_bytes()[:-1000]
    path.unlink()
    path.write_bytes(cut)


WEIGHTS = ["weights.safetensors", "-o", "model.keras"]


@pytest.mark.parametrize(
    ("spoil", "words", "sentences"),
    [
        (None, [*WEIGHTS, "--model", "FPN"], ["FPN: the weights do not fit, none is taken", "missing", "superfluous"]),
        (None, [*WEIGHTS, "--model", SPEC.replace("18", "34")], ["missing (encoder.layer1.2.conv1.weight"]),
        (None, [*WEIGHTS, "--model", SPEC, "--classes", 3], ["segmentation_head.0.bias 2 where 3 is wanted"]),
        (None, [*WEIGHTS, "--model", SPEC, "--classes", 0], ["PSPNet: classes must be at least 1, got 0"]),
        (None, [*WEIGHTS, "--model", SPEC, "--shape", 64, 64, 3], ["64x1x7x7 where 64x3x7x7 is wanted"]),
        (None, [*WEIGHTS], ["name the model, as in --model '{UNet: {encoder: ResNet34}}'"]),
        (None, [*WEIGHTS, "--model", "UNet"], ["UNet: the encoder plain has no counterpart", "ResNet18"]),
        (
            None,
            [*WEIGHTS, "--model", "{PSPNet: {encoder: {ResNet18: {weights: imagenet}}}}"],
            ["PSPNet: the encoder's weights, imagenet, are asked for beside the checkpoint's own"],
        ),
        (None, [*WEIGHTS, "--model", "{PSPNet: {encoder: [ResNet18]}}"], ["write NAME or {NAME: {option: value}}"]),
        (None, ["saved", "-o", "saved"], ["saved: what is converted to keras is written to a file"]),
        (None, [*WEIGHTS, "--model", "{PSPNet"], ["--model: not YAML"]),
        (None, [*WEIGHTS, "--model", "{PSPNet: {depth: 3, depth: 2}}"], ["the key 'depth' stands twice"]),
        (None, [*WEIGHTS, "--model", "PSPNett"], ["did you mean 'PSPNet'"]),
        (None, [*WEIGHTS, "--model", "{PSPNet: {encoder: ResNet19}}"], ["did you mean 'ResNet1"]),
        (_cut, [*WEIGHTS, "--model", SPEC], ["weights.safetensors: the file is damaged or cut short"]),
        (None, ["saved", "-o", "model.keras", "--model", "FPN"], ["is of another architecture: PSPNet on ResNet18"]),
        (None, ["nothing.safetensors", "-o", "model.keras", "--model", SPEC], ["nothing.safetensors: No such file"]),
        (None, ["weights.safetensors", "-o", "model.h5", "--model", SPEC], ["model.h5: what is converted to keras"]),
        (None, [*WEIGHTS, "--to", "torch"], ["--to: must be one of keras, smp, got 'torch'"]),
        (None, ["weights.safetensors", "--to", "smp", "-o", "b.safetensors"], ["a model is read from a file"]),
        (
            None,
            ["a.keras", "--to", "smp", "-o", "b.safetensors", "--classes", 0],
            ["the model in a .keras file has its own"],
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_nothing_is_written(convert, folder, spoil, words, sentences):
    before = sorted(folder.rglob("*"))
    if spoil:
        spoil(folder)
    refused(convert(*words), *sentences)
    assert sorted(folder.rglob("*")) == before


def test_a_model_that_is_none_of_smps_is_refused(convert, small, tmp_path):
    small.save(tmp_path / "small.keras")
    answer = convert("small.keras", "--to", "smp", "-o", "a.safetensors")
    refused(answer, "small: not an architecture of smp; these are: UNet")
    assert not (tmp_path / "a.safetensors").exists()


@pytest.mark.parametrize(
    ("spec", "words", "sentence"),
    [
        ({"Linknet": {"encoder": "DenseNet121", "depth": 2}}, [], "Linknet: its encoder has no counterpart"),
        ({"PSPNet": {"encoder": "ResNet18", "sizes": [1, 2]}}, [], "PSPNet: smp knows no sizes but [1, 2, 3, 6]"),
        (
            {"Linknet": {"encoder": "ResNet18", "depth": 1}},
            ["--model", "{Linknet: {encoder: VGG16}}"],
            "on another enc",
        ),
        ({"Linknet": {"encoder": "ResNet18", "depth": 1}}, ["--model", "FPN"], "Linknet: is the model, and FPN is as"),
    ],
)
def test_what_smp_would_not_load_is_not_written(convert, tmp_path, spec, words, sentence):
    save(build(spec, {}, shape=(32, 32, 3), classes=1), tmp_path / "model.keras")
    refused(convert("model.keras", "--to", "smp", "-o", "a.safetensors", *words), sentence)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_a_grey_model_with_weights_says_why_it_is_refused(convert, tmp_path):
    """Its weights are those of another model, which has three channels and none of its own."""
    whole = build({"Linknet": {"encoder": "ResNet18"}}, {}, shape=(32, 32, 3), classes=1)
    encoder = {name.removeprefix("encoder."): each for name, each in state_dict(whole).items() if "encoder" in name}
    save_file(encoder, tmp_path / "a.safetensors")
    spec = {"Linknet": {"encoder": {"ResNet18": {"weights": str(tmp_path / "a.safetensors")}}}}
    for channels in (1, 3):
        save(build(spec, {}, shape=(32, 32, channels), classes=1), tmp_path / f"{channels}.keras")
    refused(convert("1.keras", "--to", "smp", "-o", "b.safetensors"), "Linknet: its encoder's preprocessing", "folded")
    assert not (tmp_path / "b.safetensors").exists()
    answer = convert("3.keras", "--to", "smp", "-o", "b.safetensors")
    assert answer.returncode == 0 and "3.keras changes pixels before its network sees them" in answer.stdout


@pytest.mark.parametrize("fails", [False, True])
def test_an_older_file_is_replaced_when_all_is_done_and_not_before(convert, folder, monkeypatch, fails):
    (folder / "model.keras").write_bytes(b"older")
    if fails:
        monkeypatch.setattr("keras.Model.save", lambda model, path: path.write_bytes(b"half") and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            convert("saved", "-o", "model.keras")
        assert (folder / "model.keras").read_bytes() == b"older"
    else:
        assert convert("saved", "-o", "model.keras").returncode == 0
        assert load(folder / "model.keras").name == "PSPNet"
    assert sorted(path.name for path in folder.iterdir()) == ["model.keras", "saved", "weights.safetensors"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(convert, folder, monkeypatch):
    def full(model, path):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("keras.Model.save", full)
    answer = convert("saved", "-o", "model.keras")
    refused(answer, "No space left")
    assert answer.returncode == 3
    assert sorted(path.name for path in folder.iterdir()) == ["saved", "weights.safetensors"]


def test_a_folder_is_not_replaced(convert, folder):
    (folder / "model.keras").mkdir()
    refused(convert("saved", "-o", "model.keras"), "model.keras: is a folder; name a file")


def test_in_a_process_of_its_own(folder):
    answer = ultraseg("convert", "saved", "-o", "model.keras", folder=folder)
    assert answer.returncode == 0 and answer.stderr == "", answer.stderr
    assert (folder / "model.keras").is_file()


def test_help(convert):
    assert convert("--help").returncode == 0
