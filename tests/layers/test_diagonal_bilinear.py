"""DiagonalBilinear: a tent by hand, a constant that stays, and channels that do not see each other."""

import keras
import numpy as np
from keras import layers

from ultraseg.layers import DiagonalBilinear


def upsampled(image, factor):
    channels = image.shape[-1]
    layer = layers.Conv2DTranspose(
        channels, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=DiagonalBilinear()
    )
    return keras.ops.convert_to_numpy(layer(image))


def test_a_kernel_by_hand():
    kernel = keras.ops.convert_to_numpy(DiagonalBilinear()((4, 4, 2, 2)))
    tent = np.array([0.25, 0.75, 0.75, 0.25])
    np.testing.assert_array_equal(kernel[:, :, 0, 0], np.outer(tent, tent))
    np.testing.assert_array_equal(kernel[:, :, 1, 1], np.outer(tent, tent))
    assert not kernel[:, :, 0, 1].any() and not kernel[:, :, 1, 0].any()


def test_a_constant_stays_one_away_from_the_border():
    for factor in (2, 8, 16):
        out = upsampled(np.ones((1, 4, 5, 1), np.float32), factor)
        inside = out[:, factor // 2 : -factor // 2, factor // 2 : -factor // 2]
        np.testing.assert_allclose(inside, 1, rtol=1e-6)


def test_a_ramp_is_interpolated_between_the_centres_of_pixels():
    ramp = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None, None], (1, 6, 6, 1))
    out = upsampled(np.ascontiguousarray(ramp), 4)[0, 4:-4, 12, 0]
    np.testing.assert_allclose(out, (np.arange(4, 20) - 1.5) / 4, atol=1e-6)


def test_channels_do_not_leak():
    one = np.zeros((1, 4, 4, 3), np.float32)
    one[..., 1] = np.random.default_rng(0).random((4, 4))
    out = upsampled(one, 8)
    assert out[..., 1].any() and not out[..., [0, 2]].any()


def test_it_is_written_and_read_by_its_name():
    written = keras.initializers.serialize(DiagonalBilinear())
    assert isinstance(keras.initializers.deserialize(written), DiagonalBilinear)
