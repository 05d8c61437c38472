"""The graph's geometry against OpenCV's, which made the pixels that a trial was trained on."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from ultraseg.export import _geometry
from ultraseg.framing import letterbox, restored
from ultraseg.preprocess import resize

SIZES = [(1, 1), (1, 7), (31, 33), (32, 48), (33, 32), (64, 96), (96, 144), (20, 300), (128, 24), (257, 511)]


def graph(size, interpolation, policy="stretch"):
    """`resized` as a graph for images of any shape."""
    spec = tf.TensorSpec([None] * 4, tf.uint8)
    return tf.function(lambda images: _geometry.resized(images, size, interpolation, policy), input_signature=[spec])


def noise(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def test_luma_is_opencvs_bit_for_bit():
    images = noise(1, 1000, 1000, 3)
    wanted = cv2.cvtColor(images[0], cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(_geometry.channelled(tf.constant(images), 1)[0, ..., 0], wanted)


def test_luma_by_hand():
    pixel = np.array([[[[200, 100, 50]]]], np.uint8)  # 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    assert _geometry.channelled(tf.constant(pixel), 1).numpy().ravel() == [124]


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_stays_grey(channels):
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    found = _geometry.channelled(tf.constant(images), channels)
    np.testing.assert_array_equal(found, np.repeat(images, channels, -1))


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("target", [(32, 48), (116, 116)])
def test_bilinear_and_nearest_are_opencvs_bit_for_bit(interpolation, target):
    run = graph(target, interpolation)
    for channels, size in [(1, size) for size in SIZES] + [(3, (57, 91)), (3, (257, 511))]:
        images = noise(2, *size, channels)
        wanted = [resize(image, size=target, interpolation=interpolation) for image in images]
        np.testing.assert_array_equal(run(tf.constant(images)), np.stack(wanted), err_msg=f"{size} {channels}")


@pytest.mark.parametrize("target", [(32, 48), (116, 116)])
def test_area_is_opencvs_but_for_the_rounding_of_halves(target):
    run = graph(target, "area")
    for channels, size in [(1, size) for size in SIZES] + [(3, (257, 511)), (1, (471, 562)), (1, (80, 480))]:
        images = noise(2, *size, channels)
        wanted = np.stack([resize(image, size=target, interpolation="area") for image in images]).astype(int)
        away = np.abs(run(tf.constant(images)).numpy() - wanted)
        assert away.max() <= 1 and (away > 0).mean() < 0.02, f"{size}: {(away > 0).mean():.4f}"


def test_area_by_hand():
    row = np.array([10, 20, 40], np.uint8).reshape(1, 1, 3, 1)
    # each new pixel covers one and a half: (10 + 20 / 2) / 1.5 = 13.3 and (20 / 2 + 40) / 1.5 = 33.3
    np.testing.assert_array_equal(graph((1, 2), "area")(tf.constant(row)).numpy().ravel(), [13, 33])


def test_area_rounds_halves_up_where_four_pixels_become_one_and_else_to_even():
    square = np.array([[1, 0], [1, 0]], np.uint8).reshape(1, 2, 2, 1)
    assert graph((1, 1), "area")(tf.constant(square)).numpy().ravel() == [1]
    assert graph((1, 1), "area")(tf.constant(square[:, :1])).numpy().ravel() == [0]


@pytest.mark.parametrize("policy", ["letterbox", "crop"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_every_policy_is_the_steps_bit_for_bit(policy, interpolation):
    run = graph((32, 48), interpolation, policy)
    for channels, size in [(1, size) for size in SIZES] + [(3, (57, 91))]:
        images = noise(2, *size, channels)
        wanted = [resize(image, size=(32, 48), interpolation=interpolation, policy=policy) for image in images]
        np.testing.assert_array_equal(run(tf.constant(images)), np.stack(wanted), err_msg=f"{size} {channels}")


@pytest.mark.parametrize("policy", ["letterbox", "crop"])
def test_area_under_every_policy_is_the_steps_but_for_the_rounding_of_halves(policy):
    run = graph((32, 48), "area", policy)
    for size in [*SIZES, (471, 562), (80, 480)]:
        images = noise(2, *size, 1)
        wanted = np.stack([resize(image, size=(32, 48), policy=policy) for image in images]).astype(int)
        away = np.abs(run(tf.constant(images)).numpy() - wanted)
        assert away.max() <= 1 and (away > 0).mean() < 0.02, f"{size}: {(away > 0).mean():.4f}"


@pytest.mark.parametrize("policy", ["stretch", "letterbox", "crop"])
def test_the_way_back_is_framings(policy):
    specs = [tf.TensorSpec([None] * 3, tf.float32), tf.TensorSpec([2], tf.int32)]
    run = tf.function(lambda maps, shape: _geometry.restored(maps, shape, policy), input_signature=specs)
    maps = np.random.default_rng(0).random((2, 32, 48), np.float32)
    for size in SIZES:
        wanted = np.stack([restored(one, size, policy=policy) for one in maps])
        np.testing.assert_allclose(run(maps, tf.constant(size)), wanted, atol=3e-5, err_msg=f"{size}")


def test_the_graphs_windows_are_framings_for_a_thousand_shapes():
    """Rounding to whole pixels is done in whole numbers on both sides."""
    run = tf.function(_geometry._centred, input_signature=[tf.TensorSpec([2], tf.int32)] * 2)
    for shape in np.random.default_rng(0).integers(1, 1500, (1000, 2)).astype(np.int32):
        start, inner = run(tf.constant(shape), tf.constant([256, 224]))
        assert (*start.numpy(), *inner.numpy()) == letterbox(shape.tolist(), (256, 224)).filled
