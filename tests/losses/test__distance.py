"""The exact distance transform: SciPy's on every kind of mask, in a graph, compiled, and without a gradient."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import distance_transform_edt

from ultraseg.losses import _distance


def to_marked(masks):
    """Of `[batch, height, width]`."""
    return np.asarray(_distance.to_marked(tf.constant(masks[..., None])))[..., 0]


def scipy_to_marked(masks):
    return np.stack([distance_transform_edt(~mask) for mask in masks])


def blobs(rng, shape):
    """Masks of few, some and many pixels, each with at least one."""
    masks = rng.random((6, *shape)) < np.array([0.001, 0.01, 0.1, 0.5, 0.9, 0.999])[:, None, None]
    masks[:, rng.integers(shape[0]), rng.integers(shape[1])] = True
    return masks


def test_by_hand():
    mask = np.zeros((1, 3, 5), bool)
    mask[0, 0, 0] = mask[0, 2, 4] = True
    expected = [
        [0, 1, 2, np.sqrt(5), 2],
        [1, np.sqrt(2), np.sqrt(5), np.sqrt(2), 1],
        [2, np.sqrt(5), 2, 1, 0],
    ]
    np.testing.assert_allclose(to_marked(mask)[0], expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (41, 1), (2, 3), (64, 64), (63, 130), (129, 31)])
def test_it_is_scipys(shape):
    rng = np.random.default_rng(0)
    for _ in range(5):
        masks = blobs(rng, shape)
        np.testing.assert_allclose(to_marked(masks), scipy_to_marked(masks), atol=1e-4, rtol=1e-6)


def test_one_pixel_in_every_place():
    masks = np.eye(63, dtype=bool).reshape(63, 7, 9)
    np.testing.assert_allclose(to_marked(masks), scipy_to_marked(masks), atol=1e-5)


def test_a_full_mask_is_0_and_an_empty_one_the_diagonal_beside_others():
    one = np.zeros((3, 4), bool)
    one[0, 0] = True
    found = to_marked(np.stack([np.zeros((3, 4), bool), one, np.ones((3, 4), bool)]))
    np.testing.assert_allclose(found[0], 5, rtol=1e-6)
    np.testing.assert_allclose(found[1], distance_transform_edt(~one), rtol=1e-6)
    assert (found[2] == 0).all()
    # no pixel of a mask can be as far
    assert found[1].max() < 5


def test_channels_and_images_do_not_mix():
    rng = np.random.default_rng(1)
    masks = rng.random((2, 20, 30, 3)) < 0.05
    masks[1, :, :, 2] = False
    found = np.asarray(_distance.to_marked(tf.constant(masks)))
    for image, channel in np.ndindex(2, 3):
        alone = to_marked(masks[image : image + 1, :, :, channel])
        np.testing.assert_array_equal(found[image, :, :, channel], alone[0])


def test_the_other_side_is_a_share_of_the_diagonal():
    mask = np.zeros((1, 3, 4, 1), bool)
    mask[0, 0, :2] = True
    found = np.asarray(_distance.to_the_other_side(tf.constant(mask)))[0, :, :, 0]
    expected = [[1, 1, 1, 2], [1, 1, np.sqrt(2), np.sqrt(5)], [2, 2, np.sqrt(5), np.sqrt(8)]]
    np.testing.assert_allclose(found, np.array(expected) / 5, rtol=1e-6)
    for whole in (np.zeros_like(mask), np.ones_like(mask)):
        np.testing.assert_allclose(np.asarray(_distance.to_the_other_side(tf.constant(whole))), 1, rtol=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_in_a_graph_of_any_batch(compiled):
    traced = tf.function(
        _distance.to_marked, input_signature=[tf.TensorSpec((None, 24, 17, 1), tf.bool)], jit_compile=compiled
    )
    rng = np.random.default_rng(2)
    for batch in (1, 6):
        masks = blobs(rng, (24, 17))[:batch]
        found = traced(tf.constant(masks[..., None])).numpy()[..., 0]
        np.testing.assert_allclose(found, scipy_to_marked(masks), atol=1e-5)


def test_no_gradient_passes():
    values = tf.Variable(np.random.default_rng(3).random((1, 8, 8, 1), np.float32))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(_distance.to_marked(values > 0.5) * 1.0)
    assert tape.gradient(total, values) is None


def test_the_search_stops_where_nothing_can_be_lower(monkeypatch):
    """The farthest pixel is 5 from the marked column's end: shifts 1 to 4 can lower something, 5 cannot."""
    shifts = []
    loop = _distance.ops.while_loop

    def counted(cond, body, loop_vars, maximum_iterations):
        def watched(shift, lowest):
            shifts.append(int(shift))
            return body(shift, lowest)

        return loop(cond, watched, loop_vars, maximum_iterations)

    monkeypatch.setattr(_distance.ops, "while_loop", counted)
    mask = np.zeros((1, 64, 6), bool)
    mask[0, :, 0] = True
    assert to_marked(mask).max() == 5
    assert shifts == [1, 2, 3, 4]


def test_a_large_mask_is_exact():
    rng = np.random.default_rng(4)
    masks = blobs(rng, (512, 512))[:2]
    np.testing.assert_allclose(to_marked(masks), scipy_to_marked(masks), atol=1e-4)
