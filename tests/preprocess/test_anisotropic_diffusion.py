"""Anisotropic diffusion: a step by the paper's equations pixel by pixel, speckle smoothed and edges kept."""

import math

import cv2
import numpy as np
import pytest

from ultraseg.preprocess import anisotropic_diffusion

NOISE = np.random.default_rng(0).integers(0, 256, (9, 12), np.uint8)[..., None]
IMAGE = cv2.GaussianBlur(NOISE, (0, 0), 1)[..., None]


def by_the_equations(grey, *, iterations, step, q0, decay):
    """Yu and Acton's scheme, written pixel by pixel; a neighbour beyond the edge is the pixel itself."""
    values = np.exp(grey.astype(float) / 255)
    height, width = values.shape
    for number in range(iterations):
        speckle = (q0 * math.exp(-decay * number * step)) ** 2

        def neighbours(row, column):
            around = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
            return [(min(max(r, 0), height - 1), min(max(c, 0), width - 1)) for r, c in around]

        flow = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            away = [values[there] - values[place] for there in neighbours(*place)]
            gradient = sum(difference**2 for difference in away) / values[place] ** 2
            laplacian = sum(away) / values[place]
            q = (gradient / 2 - laplacian**2 / 16) / (1 + laplacian / 4) ** 2
            flow[place] = min(max(1 / (1 + (q - speckle) / (speckle * (1 + speckle))), 0), 1)
        after = values.copy()
        for place in np.ndindex(values.shape):
            up, down, left, right = neighbours(*place)
            divergence = flow[down] * (values[down] - values[place]) + flow[place] * (values[up] - values[place])
            divergence += flow[right] * (values[right] - values[place]) + flow[place] * (values[left] - values[place])
            after[place] = values[place] + step / 4 * divergence
        values = after
    return np.rint(np.log(values) * 255)


@pytest.mark.parametrize("image", [IMAGE, NOISE], ids=["smooth", "noise"])
@pytest.mark.parametrize(
    "options",
    [
        {"iterations": 1, "step": 0.8, "q0": 0.4, "decay": 0.0},
        {"iterations": 1, "step": 1.0, "q0": 0.1, "decay": 0.0},
        {"iterations": 4, "step": 0.5, "q0": 0.3, "decay": 0.5},
        {"iterations": 6, "step": 0.25, "q0": 0.05, "decay": 0.0},
    ],
)
def test_it_is_the_papers_scheme(options, image):
    wanted = by_the_equations(image[..., 0], **options)
    found = anisotropic_diffusion(image, **options)[..., 0]
    assert (found != image[..., 0]).any()
    np.testing.assert_allclose(found, wanted, atol=1)
    assert np.mean(found == wanted) > 0.98  # a half may be rounded the other way


def speckled():
    """Two halves of 80 and 170 with noise of 4 levels."""
    image = np.where(np.arange(80) < 40, 80, 170) + np.random.default_rng(0).normal(0, 4, (60, 80))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)[..., None]


def test_it_smooths_what_is_alike_and_keeps_the_edge():
    before, after = speckled()[..., 0].astype(float), anisotropic_diffusion(speckled())[..., 0].astype(float)
    assert after[:, 5:35].std() < before[:, 5:35].std() / 2
    assert after[:, 5:35].mean() == pytest.approx(80, abs=1) and after[:, 45:75].mean() == pytest.approx(170, abs=1)
    # the step of 90 levels stays between two columns, where a Gaussian of the same time would spread it
    assert (after[:, 40] - after[:, 39]).mean() > 80
    blurred = cv2.GaussianBlur(before, (0, 0), math.sqrt(2 * 30 * 0.25 / 4))
    assert (blurred[:, 40] - blurred[:, 39]).mean() < 30


def test_a_larger_q0_takes_more_for_speckle():
    roughness = [
        np.diff(anisotropic_diffusion(speckled(), q0=q0)[:, :35, 0].astype(float)).std() for q0 in (0.005, 0.1)
    ]
    assert roughness[0] > 2 * roughness[1]


def test_with_decay_less_is_smoothed():
    kept = [np.diff(anisotropic_diffusion(speckled(), decay=d)[:, :35, 0].astype(float)).std() for d in (0.0, 1.0)]
    assert kept[0] < kept[1]


def test_no_iterations_change_nothing():
    np.testing.assert_array_equal(anisotropic_diffusion(IMAGE, iterations=0), IMAGE)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"iterations": -1}, "iterations must be at least 0, got -1"),
        ({"step": 1.5}, r"step must be in \(0, 1\], got 1.5"),
        ({"q0": 0.0}, "q0 must be above 0, got 0.0"),
        ({"decay": -0.1}, "decay must be at least 0, got -0.1"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"anisotropic_diffusion: {sentence}"):
        anisotropic_diffusion(IMAGE, **options)
