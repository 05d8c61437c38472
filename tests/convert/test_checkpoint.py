"""Files of weights: each kind read, what is damaged or something else refused by name, writing whole or not at all."""

import importlib.util
import json
import pickle
import struct
import sys
import types

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from ultraseg.convert import configuration, read, write

ARRAYS = {
    "encoder.conv1.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) / 7,
    "segmentation_head.0.bias": np.array([1 / 3, -2.5]),
    "encoder.bn1.num_batches_tracked": np.array(7),
}


def same(found, wanted=None):
    wanted = ARRAYS if wanted is None else wanted
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_what_was_written_is_read(tmp_path):
    write(tmp_path / "new" / "weights.safetensors", ARRAYS)
    same(read(tmp_path / "new" / "weights.safetensors"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["weights.safetensors"]


def test_what_is_written_lies_as_it_is_seen(tmp_path):
    """A transposed view keeps its memory's order; the file must hold the view's."""
    turned = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.arange(8.0)[::2]}
    write(tmp_path / "a.safetensors", turned)
    same(read(tmp_path / "a.safetensors"), turned)


def test_the_file_is_one_that_the_package_itself_writes(tmp_path):
    write(tmp_path / "a.safetensors", ARRAYS)
    assert (tmp_path / "a.safetensors").read_bytes() == save(ARRAYS, {"format": "pt"})


@pytest.mark.parametrize("prefix", ["model.", "module.", "module.model.", "_orig_mod."])
def test_wrappers_names_are_taken_off(tmp_path, prefix):
    save_file({prefix + name: array for name, array in ARRAYS.items()}, tmp_path / "a.safetensors")
    same(read(tmp_path / "a.safetensors"))


def test_a_prefix_that_not_every_name_has_stays(tmp_path):
    mixed = {"model.a": np.ones(1), "loss.b": np.ones(1)}
    save_file(mixed, tmp_path / "a.safetensors")
    assert set(read(tmp_path / "a.safetensors")) == set(mixed)


def test_sixteen_bits_become_thirty_two(tmp_path):
    """In bfloat16 1.0 is 3f80 and -2.5 is c020; safetensors' NumPy side cannot write it, so the header is put in."""
    header = {
        "a": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [0, 4]},
        "b": {"dtype": "F16", "shape": [1], "data_offsets": [4, 6]},
    }
    text = json.dumps(header).encode()
    body = bytes.fromhex("803f20c0") + np.float16(0.1).tobytes()
    (tmp_path / "a.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)
    wanted = {"a": np.array([[1], [-2.5]], np.float32), "b": np.array([np.float16(0.1)], np.float32)}
    same(read(tmp_path / "a.safetensors"), wanted)


def test_a_type_that_is_no_weight_is_refused(tmp_path):
    text = json.dumps({"a": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "a.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"12")
    with pytest.raises(ValueError, match="a.safetensors: a is of the type F8_E4M3; weights are read from F64, F32"):
        read(tmp_path / "a.safetensors")


@pytest.mark.parametrize("cut", [0, 5, 60, -1])
def test_a_file_that_is_cut_short_is_refused_by_name(tmp_path, cut):
    (tmp_path / "a.safetensors").write_bytes(save(ARRAYS)[:cut])
    with pytest.raises(ValueError, match="a.safetensors: the file is damaged or cut short"):
        read(tmp_path / "a.safetensors")


def test_noise_is_refused_by_name(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(ValueError, match="a.safetensors: the file is damaged or cut short"):
        read(tmp_path / "a.safetensors")


def test_other_files_and_none_are_refused(tmp_path):
    (tmp_path / "a.h5").write_text("x")
    with pytest.raises(
        ValueError, match="a.h5: weights are read from .safetensors, .pth, .pt, .ckpt, .bin or a folder"
    ):
        read(tmp_path / "a.h5")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing.safetensors")
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(ValueError, match="empty.safetensors: holds no weights"):
        read(tmp_path / "empty.safetensors")


def test_without_safetensors_the_remedy_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for act in (read, lambda path: write(path, ARRAYS)):
        with pytest.raises(ValueError, match=r"safetensors is not installed; pip install 'ultraseg\[hub\]'"):
            act(tmp_path / "a.safetensors")


def test_written_under_another_name_or_on_a_full_disk(tmp_path):
    with pytest.raises(ValueError, match="a.pth: a state dict is written to a file whose name ends in .safetensors"):
        write(tmp_path / "a.pth", ARRAYS)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError):
        write(tmp_path / "file" / "a.safetensors", ARRAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


class Pretrained:
    """A folder as smp's `save_pretrained` leaves it."""

    def __init__(self, folder, configuration):
        self.folder = folder
        folder.mkdir()
        save_file(ARRAYS, folder / "model.safetensors", {"format": "pt"})
        (folder / "config.json").write_text(configuration)
        (folder / "README.md").write_text("A model card")


def test_a_folder_of_save_pretrained(tmp_path):
    said = {"_model_class": "Unet", "encoder_name": "resnet34", "in_channels": 3}
    folder = Pretrained(tmp_path / "saved", json.dumps(said)).folder
    same(read(folder))
    assert configuration(folder) == said
    assert configuration(folder / "model.safetensors") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"_model_class": "Un', "config.json: the file is damaged, it is not JSON"),
        ("[]", "config.json: does not name the class of a model"),
        ("{}", "config.json: does not name the class of a model"),
        ('{"_model_class": 3}', "config.json: does not name the class of a model"),
    ],
)
def test_a_folder_with_a_bad_configuration_is_refused(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(Pretrained(tmp_path / "saved", text).folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_its_files_is_refused(tmp_path, name):
    folder = Pretrained(tmp_path / "saved", '{"_model_class": "Unet"}').folder
    (folder / name).unlink()
    with pytest.raises(ValueError, match="saved: not a folder of save_pretrained, which holds config.json and model"):
        read(folder)


@pytest.mark.parametrize("name", ["a.pth", "a.pt", "a.ckpt", "a.bin"])
def test_without_pytorch_its_files_are_refused_with_the_remedy(tmp_path, name, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ValueError, match=f"{name}: only PyTorch reads such a file .* turn the file into .safetensors"):
        read(tmp_path / name)


class Tensor:
    """What is used of PyTorch's tensors."""

    def __init__(self, array, dtype="float32"):
        self.array, self.dtype = array, dtype

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def detach(self):
        return self

    def numpy(self):
        assert self.dtype != "bfloat16", "PyTorch cannot"
        return self.array


@pytest.fixture
def torch(monkeypatch):
    """Stands in for PyTorch; what `load` gives, or raises, is set by the test."""
    stand_in = types.SimpleNamespace(Tensor=Tensor, bfloat16="bfloat16", float16="float16", found=None, asked=[])

    def load(path, **options):
        stand_in.asked.append(options)
        if isinstance(stand_in.found, Exception):
            raise stand_in.found
        return stand_in.found

    stand_in.load = load
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    return stand_in


def _nested(tensors):
    return {"epoch": 3, "state_dict": {f"model.{name}": tensor for name, tensor in tensors.items()}}


@pytest.mark.parametrize("nest", [lambda tensors: tensors, _nested, lambda tensors: {"model_state_dict": tensors}])
def test_a_pickled_state_dict_is_loaded_as_weights_alone(tmp_path, torch, nest):
    (tmp_path / "a.pth").write_bytes(b"x")
    half = Tensor(np.ones(2, np.float16), "bfloat16")
    torch.found = nest({"a.weight": half, "a.bias": Tensor(np.zeros(3))})
    same(read(tmp_path / "a.pth"), {"a.weight": np.ones(2, np.float32), "a.bias": np.zeros(3)})
    assert torch.asked == [{"map_location": "cpu", "weights_only": True}]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([1, 2], "holds no state dict"),
        ({"epoch": 3}, "holds no state dict"),
        ({}, "holds no weights"),
        (pickle.UnpicklingError("Weights only load failed"), "is no file of weights alone"),
        (RuntimeError("PytorchStreamReader failed\nat line 3"), r"damaged or cut short \(PytorchStreamReader failed\)"),
        (RuntimeError("Failed. And a long tale."), r"damaged or cut short \(Failed\)"),
        (EOFError(), r"damaged or cut short \(EOFError\)"),
        (struct.error("unpack requires a buffer"), "damaged or cut short"),
        (IndexError("pop from empty list"), "is no file of weights alone"),
        (KeyError(104), "is no file of weights alone"),
        (TypeError("'int' object is not callable"), "is no file of weights alone"),
        (AttributeError("'int' object has no attribute 'x'"), "is no file of weights alone"),
        (AssertionError(), "is no file of weights alone"),
        (OverflowError("too large"), "is no file of weights alone"),
        (UnicodeDecodeError("utf-8", b"x", 0, 1, "invalid"), "is no file of weights alone"),
        ({3: Tensor(np.ones(2))}, "holds no state dict"),
    ],
)
def test_what_is_no_pickled_state_dict_is_refused_by_name(tmp_path, torch, found, sentence):
    (tmp_path / "a.pth").write_bytes(b"x")
    torch.found = found
    with pytest.raises(ValueError, match=f"a.pth: .*{sentence}"):
        read(tmp_path / "a.pth")


def test_a_tensor_that_numpy_does_not_have_is_refused_by_name(tmp_path, torch, monkeypatch):
    def fails(_):
        raise TypeError("can't convert Sparse layout tensor to numpy.\nAnd more")

    monkeypatch.setattr(Tensor, "numpy", fails)
    (tmp_path / "a.pth").write_bytes(b"x")
    torch.found = {"b.weight": Tensor(np.ones(2))}
    with pytest.raises(ValueError, match=r"a.pth: b.weight is no plain array of numbers \(can't convert Sparse layout"):
        read(tmp_path / "a.pth")


real = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="wants PyTorch")
"""Of tests that show that what stands in for PyTorch above does as PyTorch does."""


@pytest.fixture(scope="module")
def pickled(tmp_path_factory):
    """A state dict in either format of `torch.save`, as bytes."""
    import torch

    tensors = {name: torch.from_numpy(np.array(array)) for name, array in ARRAYS.items()}
    path, found = tmp_path_factory.mktemp("torch") / "a.pth", []
    for zipped in (True, False):
        torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
        found.append(path.read_bytes())
    return found


@real
def test_either_format_of_pytorch_is_read(pickled, tmp_path):
    for content in pickled:
        (tmp_path / "a.pth").write_bytes(content)
        same(read(tmp_path / "a.pth"))


@real
def test_half_precision_of_pytorch_is_read(tmp_path):
    import torch

    torch.save({"state_dict": {"model.a": torch.tensor([1, -2.5], dtype=torch.bfloat16)}}, tmp_path / "a.ckpt")
    same(read(tmp_path / "a.ckpt"), {"a": np.array([1, -2.5], np.float32)})


@real
def test_what_pytorch_cannot_unpickle_is_one_sentence(pickled, tmp_path):
    import torch

    torch.save(torch.nn.Linear(2, 2), tmp_path / "object.pth")
    generator = np.random.default_rng(0)
    contents = [b"", b"a text, no weights\n" * 9, b"<!DOCTYPE html><html>", b"PK\x03\x04" + bytes(100)]
    contents.append((tmp_path / "object.pth").read_bytes())
    contents += [generator.bytes(number) for number in range(1, 200)]
    contents += [b"\x80" + bytes([number % 6]) + generator.bytes(number) for number in range(1, 200)]
    for content in pickled:
        contents += [content[:cut] for cut in np.linspace(0, len(content) - 1, 99, dtype=int)]
    for content in contents:
        (tmp_path / "a.pth").write_bytes(content)
        with pytest.raises(ValueError, match="a.pth: (is no file of weights alone|the file is damaged) ?") as refused:
            read(tmp_path / "a.pth")
        assert "\n" not in str(refused.value)


@real
def test_tensors_that_numpy_does_not_have_are_refused_by_name(tmp_path):
    import torch

    for tensor in (torch.eye(2).to_sparse(), torch.ones(2, dtype=torch.complex64).conj()):
        torch.save({"b.weight": tensor}, tmp_path / "a.pth")
        with pytest.raises(ValueError, match="a.pth: b.weight is no plain array of numbers"):
            read(tmp_path / "a.pth")
