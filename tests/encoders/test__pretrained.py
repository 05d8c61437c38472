"""Weight files: what is read, what is refused, and how the pinned one is fetched and checked; no network."""

import hashlib
import socket
import sys
from pathlib import Path

import huggingface_hub
import keras
import ml_dtypes
import numpy as np
import pytest
from huggingface_hub import constants
from safetensors.numpy import load_file, save_file

from tests.encoders.weight_files import drawn, network, written
from ultraseg.encoders import ResNet18
from ultraseg.encoders.resnet18 import SOURCE

IMAGES = np.random.default_rng(1).random((1, 32, 32, 3), np.float32)


@pytest.fixture(scope="module")
def arrays():
    return drawn(network(ResNet18, depth=2))


def maps(weights, **options):
    return network(ResNet18, depth=2, weights=weights, **options).predict_on_batch(IMAGES)


def refusal(weights):
    with pytest.raises(ValueError) as refused:
        network(ResNet18, depth=2, weights=weights)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_every_variable_is_filled_in_pytorchs_order(arrays, tmp_path):
    model = network(ResNet18, depth=2, weights=written(tmp_path / "a.safetensors", arrays))
    kernel = np.array(model.get_layer("encoder-layer1-1-conv2").kernel)
    assert kernel[2, 0, 5, 7] == arrays["layer1.1.conv2.weight"][7, 5, 2, 0]
    norm = model.get_layer("encoder-bn1")
    for variable, name in zip(norm.weights, ("weight", "bias", "running_mean", "running_var"), strict=True):
        np.testing.assert_array_equal(np.array(variable), arrays[f"bn1.{name}"])
    filled = {name: array for name, array in drawn(model).items() if name != "conv1.weight"}
    assert filled.keys() == arrays.keys() - {"conv1.weight"}


def test_a_whole_models_file_a_deeper_encoders_and_half_precision(arrays, tmp_path):
    wanted = maps(written(tmp_path / "a.safetensors", arrays))
    whole = {**{f"encoder.{name}": array for name, array in arrays.items()}, "decoder.conv1.weight": np.zeros(3)}
    deeper = {**arrays, "layer2.0.conv1.weight": np.zeros(3), "layer4.1.bn2.bias": np.zeros(3)}
    for others in (whole, deeper):
        for one, other in zip(wanted, maps(written(tmp_path / "b.safetensors", others)), strict=True):
            np.testing.assert_array_equal(one, other)
    half = {name: array.astype(np.float16) for name, array in arrays.items()}
    found = maps(written(tmp_path / "c.safetensors", half))
    assert np.allclose(found[2], wanted[2], rtol=0, atol=2e-2 * np.abs(wanted[2]).max())


def test_what_does_not_fit_is_named(arrays, tmp_path):
    def refused(changes):
        changed = {name: array for name, array in {**arrays, **changes}.items() if array is not None}
        return refusal(written(tmp_path / "a.safetensors", changed))

    lacking = refused({"layer1.0.bn1.running_mean": None, "layer1.1.conv2.weight": None})
    assert "nothing was loaded: they lack layer1.0.bn1.running_mean, layer1.1.conv2.weight" in lacking
    assert "a.safetensors" in lacking and lacking.startswith("ResNet18: ")
    assert "of layer1.0.conv2.weight [64, 64, 1, 1]" in refused({"layer1.0.conv2.weight": np.zeros((64, 64, 1, 1))})
    assert "has not: layer1.2.bn1.bias" in refused({"layer1.2.bn1.bias": np.zeros(64)})
    assert "conv1.weight must be [64, 3, 7, 7], there is none" in refused({"conv1.weight": None})
    assert "must be [64, 3, 7, 7], got [64, 1, 7, 7]" in refused({"conv1.weight": np.zeros((64, 1, 7, 7))})
    assert "not finite, in bn1.bias" in refused({"bn1.bias": np.full(64, np.nan)})


@pytest.mark.parametrize("kept", [0, 4, 100, 20_000, -1])
def test_a_truncated_file_is_refused(arrays, tmp_path, kept):
    path = Path(written(tmp_path / "a.safetensors", arrays))
    path.write_bytes(path.read_bytes()[:kept])
    assert f"cannot read {path} as safetensors" in refusal(str(path))


def test_other_files_are_refused(arrays, tmp_path):
    pickled = tmp_path / "weights.pth"
    pickled.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9)
    assert f"cannot read {pickled} as safetensors" in refusal(str(pickled))
    for wrong in ("imagnet", str(tmp_path), 3, True):
        assert f"must be imagenet or the path of a .safetensors file, got {wrong!r}" in refusal(wrong)


def test_brain_floats_are_read(arrays, tmp_path):
    half = {name: array.astype(ml_dtypes.bfloat16) for name, array in arrays.items()}
    save_file(half, str(tmp_path / "a.safetensors"))
    model = network(ResNet18, depth=2, weights=str(tmp_path / "a.safetensors"))
    found = np.array(model.get_layer("encoder-bn1").gamma)
    np.testing.assert_array_equal(found, half["bn1.weight"].astype(np.float32))


class Cache:
    """The hub's cache with one file in it, as `huggingface_hub` lays it out, and nobody to ask but this."""

    def __init__(self, folder, content, monkeypatch):
        self.stated, self.asked = hashlib.sha256(content).hexdigest(), []
        repository = folder / ("models--" + SOURCE[0].replace("/", "--"))
        self.folder, self.blob = folder, repository / "blobs" / self.stated
        self.file = repository / "snapshots" / SOURCE[1] / "model.safetensors"
        for path in (self.blob, self.file):
            path.parent.mkdir(parents=True)
        self.blob.write_bytes(content)
        self.file.symlink_to(Path("..", "..", "blobs", self.stated))
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
        monkeypatch.setattr(socket, "getaddrinfo", self.refuse)

    def refuse(self, *address, **_):
        """No network."""
        self.asked.append(address[0])
        raise socket.gaierror("Name or service not known")

    def share(self):
        """Move the file to where all repositories find it, by a hash of another kind, and leave a link."""
        other = self.folder / "blobs" / "ab" / ("ab" * 32)
        other.parent.mkdir(parents=True)
        self.blob.rename(other)
        self.blob.symlink_to(Path("..", "..", "blobs", "ab", other.name))

    def unlink(self):
        """As where there are no links: the file itself lies in the snapshot."""
        content = self.file.read_bytes()
        self.file.unlink()
        self.file.write_bytes(content)


@pytest.fixture
def cache(arrays, tmp_path, monkeypatch):
    """The hub's cache, without a network."""
    path = written(tmp_path / "a.safetensors", arrays)
    return Cache(tmp_path / "hub", Path(path).read_bytes(), monkeypatch)


@pytest.mark.parametrize("shared", [False, True])
def test_a_cached_file_is_found_without_a_network_and_checked(cache, tmp_path, shared):
    if shared:
        cache.share()
    for one, other in zip(maps("imagenet"), maps(str(tmp_path / "a.safetensors")), strict=True):
        np.testing.assert_array_equal(one, other)
    assert cache.asked == []
    content = bytearray(cache.file.read_bytes())
    content[-1] ^= 1
    cache.file.write_bytes(content)
    assert load_file(cache.file)  # still a whole file
    found = hashlib.sha256(content).hexdigest()
    assert f"SHA-256 must be {cache.stated}, got {found}; delete it" in refusal("imagenet")
    assert cache.asked == []


def test_a_cache_without_links_asks_the_hub_what_it_states(cache, monkeypatch):
    cache.unlink()
    urls, etag = [], cache.stated

    def metadata(url):
        urls.append(url)
        return type("Metadata", (), {"etag": etag})

    message = refusal("imagenet")
    assert "cannot ask for the hash of https://huggingface.co/smp-hub/" in message
    assert f"to check {cache.file} by" in message and "by hand as weights: PATH" in message
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", metadata)
    maps("imagenet")
    assert urls == [f"https://huggingface.co/{SOURCE[0]}/resolve/{SOURCE[1]}/model.safetensors"]
    etag = "0" * 64
    assert f"must be {etag}" in refusal("imagenet")


def test_with_no_network_and_no_cache_the_hubs_own_error_is_one_sentence(cache, monkeypatch):
    cache.file.unlink()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    message = refusal("imagenet")
    assert "ResNet18: cannot fetch https://huggingface.co/smp-hub/" in message and "weights: PATH" in message


def test_without_network_it_says_what_to_fetch_and_how_to_give_it(monkeypatch):
    def download(*_, revision):
        raise huggingface_hub.errors.LocalEntryNotFoundError("Check your connection.\nAnd more.")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    message = refusal("imagenet")
    assert f"https://huggingface.co/{SOURCE[0]}/resolve/{SOURCE[1]}/model.safetensors" in message
    assert "(Check your connection)" in message and "by hand as weights: PATH" in message


@pytest.mark.parametrize("package", ["safetensors", "huggingface_hub"])
def test_a_package_that_is_not_there_is_named(package, arrays, tmp_path, monkeypatch):
    path = written(tmp_path / "a.safetensors", arrays)
    monkeypatch.setitem(sys.modules, package, None)
    message = refusal("imagenet" if package == "huggingface_hub" else path)
    assert f"want the package {package}: pip install 'ultraseg[hub]'" in message


def test_random_weights_want_neither_package_nor_network(monkeypatch):
    for package in ("safetensors", "huggingface_hub"):
        monkeypatch.setitem(sys.modules, package, None)
    assert isinstance(network(ResNet18, depth=1), keras.Model)
