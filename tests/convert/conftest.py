"""Networks of a few hundred weights whose layers are called as smp calls its modules."""

import keras
import numpy as np
import pytest
from keras import layers


def network(filters=4, *, channels=3, name="small"):
    """One layer of every kind that has a counterpart in PyTorch."""
    image = keras.Input((None, None, channels), name="image")
    features = layers.Conv2D(filters, (3, 2), use_bias=False, padding="same", name="encoder-conv1")(image)
    features = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="encoder-bn1")(features)
    features = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="decoder-blocks-0-0-0")(features)
    features = layers.GroupNormalization(2, epsilon=1e-5, name="decoder-blocks-0-1")(features)
    features = layers.ReLU(name="relu")(features)
    features = layers.Conv2DTranspose(5, 2, strides=2, name="decoder-blocks-1-0")(features)
    features = layers.Dense(6, name="decoder-dense")(features)
    return keras.Model(image, layers.Conv2D(2, 1, name="segmentation_head-0")(features), name=name)


def drawn(arrays, seed=0):
    """Arrays of the same names and shapes with other numbers."""
    generator = np.random.default_rng(seed)
    return {name: generator.random(array.shape, np.float32) + 0.5 for name, array in arrays.items()}


@pytest.fixture(scope="session")
def small():
    return network()
