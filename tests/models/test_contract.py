"""What every model keeps: float32 logits of the classes asked for, gradients everywhere, a file that loads."""

import keras
import numpy as np
import pytest

from ultraseg import catalogue

SIZES = {"UNet": (32, 32), "ValidUNet": (188, 188)}
SMALL = {"UNet": {"width": 2, "depth": 2}}


@pytest.fixture(scope="module", params=catalogue.names("models"))
def built(request):
    """A model for two classes, images that fit it, and its first logits."""
    keras.utils.set_random_seed(0)
    model = catalogue.bind("models", {request.param: SMALL.get(request.param)})((*SIZES[request.param], 1), 2)
    images = np.random.default_rng(0).random((2, *SIZES[request.param], 1), np.float32)
    return model, images, model.predict_on_batch(images)


def test_logits_have_the_classes_asked_for(built):
    model, _, logits = built
    assert logits.shape == (2, *model.output_shape[1:3], 2) and logits.dtype == np.float32
    assert np.isfinite(logits).all() and logits.std() > 0
    assert model.layers[-1].activation is keras.activations.linear


def test_it_is_of_layers_that_keras_knows(built, tmp_path):
    model, images, logits = built
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(images), logits)


def test_images_of_a_batch_do_not_see_each_other(built):
    model, images, logits = built
    np.testing.assert_allclose(model.predict_on_batch(images[1:]), logits[1:], atol=1e-4)


def test_a_seed_gives_the_same_weights(built):
    model = built[0]
    builds = []
    for seed in (5, 5, 6):
        keras.utils.set_random_seed(seed)
        build = catalogue.bind("models", {model.name: SMALL.get(model.name)})
        builds.append(build((*SIZES[model.name], 1), 2).layers[1].get_weights()[0])
    np.testing.assert_array_equal(builds[0], builds[1])
    assert (builds[0] != builds[2]).any()


def test_one_training_step_changes_every_weight_and_leaves_numbers(built):
    model, images, logits = built
    before = model.get_weights()
    model.compile("sgd", loss=catalogue.bind("losses", "bce"))
    truth = np.zeros(logits.shape, np.float32)
    truth[:, ::2, :, 0] = truth[:, 1::2, :, 1] = 1
    loss = model.train_on_batch(images, truth)
    assert np.isfinite(loss)
    for old, variable in zip(before, model.weights, strict=True):
        new = np.asarray(variable)
        assert np.isfinite(new).all(), variable.path
        assert (new != old).any(), variable.path
