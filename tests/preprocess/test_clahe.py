"""CLAHE: OpenCV's own result on grey, and on colour the luma alone."""

import cv2
import numpy as np
import pytest

from ultraseg.preprocess import clahe

GREY = cv2.GaussianBlur(np.random.default_rng(0).integers(90, 140, (64, 80), np.uint8), (0, 0), 2)


@pytest.mark.parametrize(("clip", "tiles"), [(2.0, 8), (5.0, 4)])
def test_it_is_what_opencv_does(clip, tiles):
    found = clahe(GREY[..., None], clip=clip, tiles=tiles)
    np.testing.assert_array_equal(found[..., 0], cv2.createCLAHE(clip, (tiles, tiles)).apply(GREY))


def test_a_higher_clip_gives_more_contrast():
    weak, strong = (clahe(GREY[..., None], clip=clip).std() for clip in (1.5, 10.0))
    assert GREY.std() < weak < strong


def test_of_a_colour_the_luma_is_equalised_and_the_hue_stays():
    """A red picture of changing luma: red less green, and red less blue, are what they were."""
    picture = np.stack([GREY + np.uint8(40), GREY, GREY], axis=-1)
    found = clahe(picture, clip=3.0).astype(int)
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    wanted = cv2.createCLAHE(3.0, (8, 8)).apply(luma)
    np.testing.assert_allclose(cv2.cvtColor(found.astype(np.uint8), cv2.COLOR_RGB2GRAY), wanted, atol=2)
    inside = (found.min(-1) > 0) & (found.max(-1) < 255)
    assert inside.mean() > 0.5
    for other in (1, 2):
        np.testing.assert_allclose((found[..., 0] - found[..., other])[inside], 40, atol=3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"clip": 0.0}, "clip must be above 0, got 0.0"),
        ({"clip": float("nan")}, "clip must be above 0, got nan"),
        ({"tiles": 0}, "tiles must be at least 1, got 0"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=f"clahe: {sentence}"):
        clahe(GREY[..., None], **options)
