"""Weight files of Keras: those that fit in either form, and one sentence for each that does not, or cannot be had."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.encoders._keras_weights import file, load

ADDRESS = "https://example.org/tiny_notop.h5"


def tiny(channels=3):
    """A network of two convolutions and a batch norm."""
    image = keras.Input((None, None, 3))
    features = layers.Conv2D(channels, 3, name="one")(image)
    features = layers.BatchNormalization(name="norm")(features)
    return keras.Model(image, layers.Conv2D(2, 1, name="two")(features))


@pytest.fixture(params=["model.weights.h5", "model.h5"])
def written(request, tmp_path):
    """A network and its file, in the form of Keras 3 or in the older one that Keras' own files have."""
    model, path = tiny(), tmp_path / request.param
    model.save_weights(path) if ".weights" in request.param else model.save(path)
    return model, path


def refusal(path, model=None):
    with pytest.raises(ValueError) as refused:
        load("Tiny", model or tiny(), path, ADDRESS)
    message = str(refused.value)
    assert message.startswith(f"Tiny: weights {path} cannot be read or are not this network's (")
    assert message.endswith(f"); fetch {ADDRESS} and give the file by hand as weights: PATH") and "\n" not in message
    return message


def test_a_file_of_either_form_is_loaded(written):
    model, path = written
    found = tiny()
    load("Tiny", found, path, ADDRESS)
    for one, other in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(written, share):
    path = written[1]
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    refusal(path)


def test_noise_is_refused(written):
    written[1].write_bytes(np.random.default_rng(0).bytes(5000))
    refusal(written[1])


def test_a_file_of_another_network_is_refused(written):
    refusal(written[1], tiny(4))
    image = keras.Input((None, None, 3))
    refusal(written[1], keras.Model(image, [tiny()(image), layers.Conv2D(2, 3)(image)]))


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    model = tiny()
    model.get_layer("norm").gamma.assign([1, np.nan, 1])
    model.save_weights(tmp_path / "nan.weights.h5")
    message = refusal(tmp_path / "nan.weights.h5")
    assert "it lacks norm/gamma or holds numbers there that are not finite" in message


def test_what_the_loader_leaves_out_is_seen(monkeypatch, written):
    monkeypatch.setattr(keras.Model, "load_weights", lambda model, path: model.get_layer("one").set_weights(ONE))
    assert "it lacks norm/gamma or" in refusal(written[1])


ONE = [np.zeros((3, 3, 3, 3)), np.zeros(3)]


def test_none_is_none():
    assert file("Tiny", None, ADDRESS, "00") is None


@pytest.mark.parametrize("weights", ["nowhere.h5", "imagnet", "", 3, True, "."])
def test_what_is_no_file_is_refused(weights):
    with pytest.raises(ValueError) as refused:
        file("Tiny", weights, ADDRESS, "00")
    assert str(refused.value) == (
        f"Tiny: weights must be imagenet or the path of an .h5 file such as {ADDRESS}, "
        f"got {weights!r}, which is no such file"
    )


def test_only_h5_files_are_taken(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="Tiny: weights must be imagenet or the path of an .h5 file"):
        file("Tiny", str(path), ADDRESS, "00")


def test_imagenet_is_taken_from_kerass_cache_where_the_hash_fits(monkeypatch, tmp_path):
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny_notop.h5").write_bytes(b"abc")
    assert file("Tiny", "imagenet", ADDRESS, "900150983cd24fb0d6963f7d28e17f72").read_bytes() == b"abc"


@pytest.mark.parametrize("fault", [OSError("timed out"), Exception("URL fetch failure"), ValueError("Incomplete.")])
def test_where_nothing_can_be_fetched_it_says_what_and_how(monkeypatch, fault):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr("keras.utils.get_file", fail)
    with pytest.raises(ValueError) as refused:
        file("Tiny", "imagenet", ADDRESS, "00")
    assert str(refused.value) == (
        f"Tiny: cannot fetch {ADDRESS} ({str(fault).rstrip('.')}); "
        "fetch it elsewhere and give the file by hand as weights: PATH"
    )


def test_other_faults_are_left_as_they_are(monkeypatch):
    monkeypatch.setattr("keras.utils.get_file", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        file("Tiny", "imagenet", ADDRESS, "00")
