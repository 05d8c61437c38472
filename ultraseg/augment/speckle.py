"""Random speckle: the image multiplied by a fully developed speckle pattern of a scanner's resolution.

Source: Wagner, Smith, Sandrik and Lopez, 1983 (IEEE Transactions on Sonics and Ultrasonics 30): speckle is the
magnitude of a complex Gaussian field, Rayleigh distributed, whose correlation is that of the point-spread function.
Departure: the point-spread function is a Gaussian, the pattern is mixed with 1 by a random strength, and it
multiplies the grey values of the picture, which a scanner has compressed.
"""

import math

import cv2
import numpy as np

from ultraseg.augment._gain import multiplied


def speckle(image, mask, seed, *, strength=0.3, axial=1.0, lateral=2.0):
    """Multiply by 1 + s (speckle - 1), the speckle's mean being 1 and s drawn evenly from [0, strength].

    Args:
        image: uint8 `[height, width, channels]`; every channel gets the same pattern.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        strength: largest s, in [0, 1]; at 1 the coefficient of variation is that of a Rayleigh distribution, 0.52.
        axial: standard deviation of the point-spread function along the beam, downwards, in pixels; 0 leaves the
            rows uncorrelated.
        lateral: the same across the beam.

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: an option is out of range.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"speckle: strength must be in [0, 1], got {strength}")
    if not (0 <= axial < math.inf and 0 <= lateral < math.inf):
        raise ValueError(f"speckle: axial and lateral widths must be at least 0 pixels, got {axial} and {lateral}")
    rng = np.random.default_rng(seed)
    drawn = np.float32(rng.uniform(0, strength))
    pattern = _pattern(rng, mask.shape[:2], _spread(axial), _spread(lateral))
    return multiplied(image, 1 + drawn * (pattern - 1)), mask


def _spread(width):
    """A Gaussian of unit energy, `[n, 1]`, cut off at three standard deviations."""
    kernel = cv2.getGaussianKernel(2 * math.ceil(3 * width) + 1, max(width, 1e-3), cv2.CV_32F)
    return kernel / np.sqrt(np.sum(kernel**2))


def _pattern(rng, shape, down, across):
    """Speckle of mean 1, `[height, width]`: both parts of the field are drawn wider by what the blur reaches."""
    margins = len(down) // 2, len(across) // 2
    drawn = [side + 2 * margin for side, margin in zip(shape, margins, strict=True)]
    inside = tuple(slice(margin, margin + side) for side, margin in zip(shape, margins, strict=True))
    parts = (
        cv2.sepFilter2D(rng.standard_normal(drawn, np.float32), cv2.CV_32F, across, down)[inside] for _ in range(2)
    )
    return cv2.magnitude(*parts) * np.float32(1 / math.sqrt(math.pi / 2))
