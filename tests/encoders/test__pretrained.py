"""Weight files: what is read, what is refused, and how the pinned one is fetched and checked; no network."""

import hashlib
import sys
from pathlib import Path

import huggingface_hub
import keras
import ml_dtypes
import numpy as np
import pytest
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


def test_the_pinned_file_is_checked_against_what_the_hub_states(arrays, tmp_path, monkeypatch):
    written(tmp_path / "a.safetensors", arrays)
    content = (tmp_path / "a.safetensors").read_bytes()
    stated = hashlib.sha256(content).hexdigest()
    cached, asked = tmp_path / stated, []
    cached.write_bytes(content)

    def download(repository, file, *, revision):
        asked.append((repository, file, revision))
        return str(cached)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    for one, other in zip(maps("imagenet"), maps(str(cached)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert asked == [(SOURCE[0], "model.safetensors", SOURCE[1])]
    cached.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert load_file(cached)  # still a whole file
    assert f"SHA-256 must be {stated}, got " in refusal("imagenet")


def test_a_cache_without_links_asks_the_hub_what_it_states(arrays, tmp_path, monkeypatch):
    path = written(tmp_path / "model.safetensors", arrays)
    etag = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    urls = []

    def metadata(url):
        urls.append(url)
        return type("Metadata", (), {"etag": etag})

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda *_, revision: path)
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", metadata)
    maps("imagenet")
    assert urls == [f"https://huggingface.co/{SOURCE[0]}/resolve/{SOURCE[1]}/model.safetensors"]
    etag = "0" * 64
    assert f"must be {etag}" in refusal("imagenet")


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
