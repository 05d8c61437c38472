"""Files of Keras models: written whole, opened with our layers known, and what is none refused by name."""

import zipfile

import keras
import numpy as np
import pytest

from ultraseg.convert import load, save
from ultraseg.layers import AlignedUpSampling2D


def test_what_was_saved_is_loaded(small, tmp_path):
    save(small, tmp_path / "new" / "model.keras")
    image = np.random.default_rng(0).random((1, 6, 4, 3))
    loaded = load(tmp_path / "new" / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(image), small.predict_on_batch(image))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.keras"]


def test_layers_of_ours_are_known(tmp_path):
    image = keras.Input((2, 2, 1))
    save(keras.Model(image, AlignedUpSampling2D(2)(image)), tmp_path / "model.keras")
    assert load(tmp_path / "model.keras").output_shape == (None, 4, 4, 1)


def _truncated(path):
    path.write_bytes(path.read_bytes()[:-100])


def _noise(path):
    path.write_bytes(b"\x00" * 1000)


def _without_weights(path):
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


def _zip_of_something(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")


def _noise_among_the_weights(path):
    """What h5py raises here is a RuntimeError."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    weights = kept["model.weights.h5"]
    kept["model.weights.h5"] = weights.replace(b"HEAP", b"heap")
    assert kept["model.weights.h5"] != weights
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("spoil", [_truncated, _noise, _without_weights, _noise_among_the_weights, _zip_of_something])
def test_a_damaged_file_is_refused_by_name(small, tmp_path, spoil):
    save(small, tmp_path / "model.keras")
    spoil(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"model.keras: (the file is damaged or no Keras model|Keras cannot open it)"):
        load(tmp_path / "model.keras")


def test_a_model_of_unknown_layers_is_refused_by_name(tmp_path):
    class Foreign(keras.layers.Layer):
        """A layer that nobody registers."""

        def call(self, inputs):
            """Give back."""
            return inputs

    image = keras.Input((2, 2, 1))
    keras.Model(image, Foreign()(image)).save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="model.keras: Keras cannot open it"):
        load(tmp_path / "model.keras")


def test_other_names_and_no_file(small, tmp_path):
    for act in (load, lambda path: save(small, path)):
        (tmp_path / "model.h5").write_text("x")
        with pytest.raises(ValueError, match="model.h5: a model is (read from|written to) a file .* ends in .keras"):
            act(tmp_path / "model.h5")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.keras")


def test_nothing_half_written_is_left(small, tmp_path, monkeypatch):
    def fails(path):
        path.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(small, "save", fails)
    with pytest.raises(OSError, match="no space left"):
        save(small, tmp_path / "model.keras")
    assert list(tmp_path.iterdir()) == []
