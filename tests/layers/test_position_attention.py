"""Position-wise attention: both layouts by hand, one softmax over all pairs, half precision, files."""

import keras
import numpy as np
import pytest

from ultraseg.layers import PositionAttention


def attended(*maps, layout="published", **options):
    return keras.ops.convert_to_numpy(PositionAttention(layout, **options)([each[None] for each in maps]))[0]


def test_by_hand():
    # two places that agree alike: a quarter for each pair; mixed, each place holds (1 + 3) / 4 and (2 + 4) / 4
    alike, bottom = np.zeros((1, 2, 3)), np.array([[[1.0, 2], [3, 4]]])
    np.testing.assert_allclose(attended(alike, alike, bottom, layout="spatial"), [[[1, 1.5], [1, 1.5]]])
    # read as channels by places: both channels are 1 at the first place and 1.5 at the second
    np.testing.assert_allclose(attended(alike, alike, bottom), [[[1, 1], [1.5, 1.5]]])


def test_the_centre_asks_and_the_top_answers():
    # only the second place asks, only the first answers: its pair has e^6, the other three 1
    top, centre = np.array([[[2.0], [0]]]), np.array([[[0.0], [3]]])
    bottom, pairs = np.array([[[1.0], [10]]]), 3 + np.exp(6)
    wanted = [[[(1 + 10) / pairs], [(np.exp(6) + 10) / pairs]]]
    np.testing.assert_allclose(attended(top, centre, bottom, layout="spatial"), wanted, rtol=1e-5)


def test_weights_of_all_pairs_sum_to_one():
    top, centre = np.random.default_rng(0).normal(size=(2, 4, 5, 6))
    total = attended(top, centre, np.ones((4, 5, 2)), layout="spatial").sum((0, 1))
    np.testing.assert_allclose(total, [1, 1], rtol=1e-5)


def test_the_layouts_hold_the_same_numbers_in_other_places():
    maps = np.random.default_rng(0).normal(size=(3, 4, 5, 6))
    published, spatial = (attended(*maps, layout=layout) for layout in ("published", "spatial"))
    np.testing.assert_array_equal(published.transpose(2, 0, 1).ravel(), spatial.ravel())
    assert (published != spatial).any()


def test_half_precision_does_not_lose_small_weights():
    # among 400 places a weight is 1 / 160000, which float16 knows by three bits
    maps = [np.zeros((20, 20, 1)), np.zeros((20, 20, 1)), np.full((20, 20, 1), 400.0)]
    found = attended(*maps, dtype="mixed_float16")
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, 1, rtol=2e-3)


def test_any_size_and_a_file(tmp_path):
    inputs = [keras.Input((None, None, channels)) for channels in (2, 2, 3)]
    model = keras.Model(inputs, PositionAttention("spatial")(inputs))
    assert model.output_shape == (None, None, None, 3)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for size in ((3, 4), (1, 2)):
        maps = [np.random.default_rng(0).random((1, *size, each.shape[-1]), np.float32) for each in inputs]
        wanted = attended(*(each[0] for each in maps), layout="spatial")
        np.testing.assert_allclose(again.predict_on_batch(maps)[0], wanted, atol=1e-6)


def test_an_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="layout must be one of published, spatial, got 'right'"):
        PositionAttention("right")
