"""Standardize: each image by itself, as TensorFlow's `per_image_standardization` does it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ultraseg.preprocess import standardize


def standardized(images):
    return keras.ops.convert_to_numpy(standardize(keras.ops.convert_to_tensor(images)))


def test_by_hand():
    # mean 3, squared distances 4, 0, 0, 4: variance 2
    image = np.array([1, 3, 3, 5], np.float32).reshape(1, 2, 2, 1)
    np.testing.assert_allclose(standardized(image).ravel(), [-(2**0.5), 0, 0, 2**0.5], rtol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_what_tensorflow_does(channels):
    images = np.random.default_rng(0).integers(0, 256, (3, 7, 5, channels)).astype(np.float32)
    images[2] = images[2] / 1000 + 80  # nearly constant: below the floor of the deviation
    expected = tf.image.per_image_standardization(images).numpy()
    np.testing.assert_allclose(standardized(images), expected, rtol=1e-4, atol=1e-4)


def test_every_image_by_itself():
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 1)).astype(np.float32)
    alone = np.concatenate([standardized(images[:1]), standardized(images[1:])])
    np.testing.assert_allclose(standardized(images), alone, atol=1e-6)
    np.testing.assert_allclose(alone.mean((1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(alone.std((1, 2, 3)), 1, atol=1e-5)


def test_a_constant_image_becomes_0():
    assert not standardized(np.full((1, 4, 4, 1), 255, np.float32)).any()
