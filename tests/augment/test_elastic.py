"""Elastic deformation: as far as it says, as smooth as it says, and without folds."""

import numpy as np
import pytest

from ultraseg.augment import elastic
from ultraseg.augment.elastic import _displacements


def field(index, *, sigma, longest, shape=(96, 128)):
    return np.stack(_displacements(np.random.default_rng(index), shape, sigma, longest))


def test_the_longest_displacement_is_what_was_drawn():
    for index in range(10):
        assert np.hypot(*field(index, sigma=12.0, longest=5.0)).max() == pytest.approx(5, abs=1e-4)


def test_pixels_move_by_the_field():
    # a ramp of 2 grey levels a column shows where each pixel was taken from
    ramp = np.tile(np.arange(120, dtype=np.uint8) * 2, (90, 1))[..., None]
    reached = []
    for index in range(30):
        bent, _ = elastic(ramp, ramp[..., 0], (index,), sigma=20.0, amplitude=6.0)
        inside = (bent[..., 0].astype(int) - ramp[..., 0])[:, 12:-12] / 2
        rng = np.random.default_rng((index,))
        across = _displacements(rng, (90, 120), 20.0, rng.uniform(0, 6.0))[1]
        np.testing.assert_allclose(inside, across[:, 12:-12], atol=0.3)
        reached.append(np.abs(inside).max())
    assert 4.5 < max(reached) <= 6.25 and min(reached) < 1


@pytest.mark.parametrize("sigma", [2.0, 6.0, 12.0])
def test_the_field_is_as_smooth_as_sigma_says(sigma):
    # white noise smoothed by a Gaussian has the correlation exp(-d^2 / 4 s^2): exp(-1 / 4) at d = s
    found = np.stack([field(index, sigma=sigma, longest=1.0, shape=(192, 192)) for index in range(12)])
    found -= found.mean()
    lag = round(sigma)
    for ahead, behind in ((found[..., lag:, :], found[..., :-lag, :]), (found[..., lag:], found[..., :-lag])):
        assert np.mean(ahead * behind) / np.mean(found**2) == pytest.approx(np.exp(-0.25), abs=0.08)


@pytest.mark.parametrize("sigma", [3.0, 8.0, 24.0])
def test_the_image_does_not_fold_at_the_largest_amplitude(sigma):
    for index in range(40):
        down, across = field(index, sigma=sigma, longest=sigma / 2)
        (a, b), (c, d) = np.gradient(down), np.gradient(across)
        assert ((1 + a) * (1 + d) - b * c).min() > 0  # the area that a pixel is taken from


def test_no_amplitude_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    bent, outline = elastic(image, image[..., 0] // 128, (0,), amplitude=0.0)
    np.testing.assert_array_equal(bent, image)
    np.testing.assert_array_equal(outline, image[..., 0] // 128)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sigma": 0.0, "amplitude": 0.0}, "sigma must be above 0 pixels, got 0.0"),
        ({"sigma": 10.0, "amplitude": 5.1}, r"amplitude must be in \[0, sigma / 2 = 5\] pixels, got 5.1"),
        ({"amplitude": float("nan")}, r"amplitude must be in \[0, sigma / 2 = 12\] pixels, got nan"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"elastic: {sentence}"):
        elastic(np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4), np.uint8), (0,), **options)
