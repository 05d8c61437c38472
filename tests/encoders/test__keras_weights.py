"""Weight files of Keras: those that fit in either form, and one sentence for each that does not."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.encoders._keras_weights import load

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
