"""The affine map of channels: by hand, through a file, and what it refuses."""

import keras
import numpy as np
import pytest

from ultraseg.layers import ChannelAffine


def test_by_hand():
    # blue, green, red of (1, 2, 3): 10 * 3 + 1, 20 * 2 + 2, 30 * 1 + 3
    layer = ChannelAffine((10, 20, 30), (1, 2, 3), (2, 1, 0))
    found = keras.ops.convert_to_numpy(layer(np.array([[[[1, 2, 3]]]], np.float32)))
    assert found.tolist() == [[[[31, 42, 33]]]]


def test_channels_may_repeat_or_be_dropped():
    layer = ChannelAffine((1, 1, 1, 1), (0, 0, 0, 0), (0, 1, 0, 1))
    assert layer.compute_output_shape((None, 4, None, 3)) == (None, 4, None, 4)
    found = keras.ops.convert_to_numpy(layer(np.array([[[[5, 6, 7]]]], np.float32)))
    assert found.tolist() == [[[[5, 6, 5, 6]]]]


def test_the_first_of_several_channels():
    found = keras.ops.convert_to_numpy(ChannelAffine((2,), (1,), (0,))(np.array([[[[5, 6, 7]]]], np.float32)))
    assert found.tolist() == [[[[11]]]]


@pytest.mark.parametrize("dtype", ["float64", "mixed_float16"])
def test_any_size_any_precision_and_a_file(dtype, tmp_path):
    image = keras.Input((None, None, 3), dtype="float64" if dtype == "float64" else "float32")
    model = keras.Model(image, ChannelAffine((2, 3, 4), (1, 0, -1), (2, 0, 1), dtype=dtype, name="pixels")(image))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("pixels").get_config() == model.get_layer("pixels").get_config()
    assert again.count_params() == 0
    images = np.random.default_rng(0).random((2, 3, 5, 3))
    wanted = images[..., [2, 0, 1]] * [2, 3, 4] + [1, 0, -1]
    assert np.allclose(again.predict_on_batch(images), wanted, rtol=0, atol=1e-15 if dtype == "float64" else 1e-2)


@pytest.mark.parametrize("wrong", [((1, 2), (0,), None), ((1, 2), (0, 0), (0,))])
def test_unequal_lengths_are_refused(wrong):
    with pytest.raises(ValueError, match="ChannelAffine: scale, offset and order must be equally long, got 2, "):
        ChannelAffine(*wrong)
