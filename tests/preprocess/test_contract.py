"""What every step after `resize` keeps: it runs in the model's graph, so shape, type and finite numbers stay."""

import keras
import numpy as np
import pytest

from ultraseg import catalogue

IN_GRAPH = [name for name in catalogue.names("preprocess") if name != "resize"]


@pytest.mark.parametrize("name", IN_GRAPH)
@pytest.mark.parametrize("channels", [1, 3])
def test_it_runs_in_a_model_and_gives_what_it_gives_outside(name, channels):
    step = catalogue.bind("preprocess", name)
    image = keras.Input((6, 4, channels))
    model = keras.Model(image, step(image))
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 4, channels)).astype(np.float32)
    inside = model.predict_on_batch(images)
    assert inside.shape == images.shape and inside.dtype == np.float32
    outside = keras.ops.convert_to_numpy(step(keras.ops.convert_to_tensor(images)))
    np.testing.assert_allclose(inside, outside, atol=1e-5)
    assert np.isfinite(model.predict_on_batch(np.zeros_like(images))).all()


@pytest.mark.parametrize("name", IN_GRAPH)
def test_a_model_with_it_is_saved_and_loaded_without_custom_objects(name, tmp_path):
    image = keras.Input((6, 4, 1))
    model = keras.Model(image, catalogue.bind("preprocess", name)(image))
    model.save(tmp_path / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 4, 1)).astype(np.float32)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(images), model.predict_on_batch(images))
