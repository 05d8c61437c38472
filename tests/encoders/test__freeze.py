"""What is frozen: by hand, on a graph of three convolutions with a nested model."""

import keras
import numpy as np
import pytest
from keras import layers

from ultraseg.encoders._freeze import freeze


@pytest.fixture
def graph():
    """Before the image; to the first map; a nested model with a batch norm to the second; beyond."""
    entry = keras.Input((8, 8, 1))
    image = layers.Conv2D(2, 1, name="before")(entry)
    first = layers.BatchNormalization(name="norm1")(layers.Conv2D(2, 1, name="conv1")(image))
    inner = keras.Input((8, 8, 2))
    nested = keras.Model(inner, layers.BatchNormalization(name="norm2")(layers.Conv2D(3, 1, name="conv2")(inner)))
    second = nested(first)
    beyond = layers.Conv2D(1, 1, name="beyond")(second)
    model = keras.Model(entry, beyond)
    return model, image, [image, first, second]


def still(model):
    """Names of the innermost layers with weights that do not train."""
    inner = [each for layer in model.layers for each in getattr(layer, "layers", [layer])]
    return {layer.name for layer in inner if layer.weights and not layer.trainable}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, set()),
        ({"frozen": True}, {"conv1", "norm1", "conv2", "norm2"}),
        ({"frozen_until": 1}, {"conv1", "norm1"}),
        ({"frozen_until": 2}, {"conv1", "norm1", "conv2", "norm2"}),
        ({"frozen_batch_norm": True}, {"norm1", "norm2"}),
        ({"frozen_until": 1, "frozen_batch_norm": True}, {"conv1", "norm1", "norm2"}),
        ({"frozen": True, "frozen_until": 1}, {"conv1", "norm1", "conv2", "norm2"}),
    ],
)
def test_what_is_frozen(graph, options, wanted):
    model, image, maps = graph
    freeze(image, maps, **options)
    assert still(model) == wanted


def test_a_frozen_batch_norm_keeps_its_statistics_and_the_others_learn(graph, tmp_path):
    model, image, maps = graph
    freeze(image, maps, frozen_until=1)
    model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    assert still(model) == {"conv1", "norm1"}
    model.compile("sgd", "mse")
    before = {weight.path: np.array(weight) for weight in model.weights}
    model.train_on_batch(np.random.default_rng(0).normal(3, 1, (4, 8, 8, 1)), np.zeros((4, 8, 8, 1)))
    kept = {weight.path for weight in model.weights if np.array_equal(before[weight.path], weight)}
    assert kept == {path for path in before if path.startswith(("conv1", "norm1"))}


@pytest.mark.parametrize("number", [-1, 3])
def test_a_map_that_is_not_there_is_refused(graph, number):
    _, image, maps = graph
    with pytest.raises(ValueError, match=rf"frozen_until must be the number of a map, 0 to 2 .*, got {number}"):
        freeze(image, maps, frozen_until=number)
