"""Speckle: Rayleigh distributed, of mean 1, and as wide as the point-spread function."""

import numpy as np
import pytest

from ultraseg.augment import speckle

MASK = np.zeros((256, 256), np.uint8)
FLAT = np.full((256, 256, 1), 50, np.uint8)


def pattern(index, **options):
    """The speckle that multiplied a flat image, and how strong it was drawn."""
    strength = np.random.default_rng((index,)).uniform(0, 1)
    found = speckle(FLAT, MASK, (index,), strength=1.0, **options)[0][..., 0] / 50
    return (found - 1) / strength + 1, strength


STRONG = [index for index in range(40) if np.random.default_rng((index,)).uniform(0, 1) > 0.7][:5]


def test_its_mean_is_1_and_its_variation_that_of_a_rayleigh_distribution():
    found = np.stack([pattern(index)[0] for index in STRONG])
    assert found.mean() == pytest.approx(1, abs=0.01)
    # the standard deviation over the mean is sqrt(4 / pi - 1) = 0.523
    assert found.std() == pytest.approx(0.523, rel=0.02)
    # and one in e^(pi / 4), 45.6 %, exceeds the mean
    assert np.mean(found > 1) == pytest.approx(0.456, abs=0.01)


def test_its_intensity_is_correlated_as_the_point_spread_function_says():
    # the field's correlation over d pixels is exp(-d^2 / 4 s^2), that of its intensity the square: e^-0.5 at d = s
    found = np.stack([pattern(index, axial=2.0, lateral=4.0)[0] for index in STRONG]) ** 2
    found -= found.mean()
    down = np.mean(found[:, 2:] * found[:, :-2]) / np.mean(found**2)
    across = np.mean(found[:, :, 4:] * found[:, :, :-4]) / np.mean(found**2)
    assert down == pytest.approx(np.exp(-0.5), abs=0.04)
    assert across == pytest.approx(np.exp(-0.5), abs=0.04)


def test_without_a_spread_neighbours_have_nothing_in_common():
    found = np.stack([pattern(index, axial=0.0, lateral=0.0)[0] for index in STRONG]) - 1
    assert abs(np.mean(found[:, 1:] * found[:, :-1])) < 0.01 < np.mean(found**2)
    assert abs(np.mean(found[:, :, 1:] * found[:, :, :-1])) < 0.01


def test_the_edge_of_the_image_is_no_edge_of_the_pattern():
    found = np.stack([pattern(index, axial=1.0, lateral=1.0)[0] for index in STRONG])
    assert found[:, :, :4].std() == pytest.approx(found.std(), rel=0.1)


def test_strengths_are_drawn_up_to_the_limit():
    drawn = [speckle(FLAT, MASK, (index,), strength=0.4)[0].std() / 50 / 0.523 for index in range(60)]
    assert min(drawn) < 0.05 and 0.35 < max(drawn) < 0.42


def test_no_strength_changes_nothing_and_black_stays_black():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(speckle(image, MASK[:20, :30], (0,), strength=0.0)[0], image)
    assert not speckle(np.zeros_like(image), MASK[:20, :30], (0,), strength=1.0)[0].any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"strength": 1.1}, r"strength must be in \[0, 1\], got 1.1"),
        ({"axial": -1.0}, "widths must be at least 0 pixels, got -1.0 and 2.0"),
        ({"lateral": float("inf")}, "widths must be at least 0 pixels, got 1.0 and inf"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"speckle: .*{sentence}"):
        speckle(FLAT, MASK, (0,), **options)
