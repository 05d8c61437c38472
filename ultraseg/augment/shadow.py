"""Random acoustic shadows: dark bands that start at a depth and follow the beam to the bottom, with soft edges.

Source: Smistad, Johansen, Iversen and Reinertsen, 2018 (Journal of Medical Imaging 5), whose shadows are Gaussians
that multiply the image; Singla et al., 2022 (Medical Imaging with Deep Learning), whose shadows follow the beam.
Departure: a Gaussian across the beam alone, which runs straight down; a shadow does not end above the bottom.
"""

import numpy as np

from ultraseg.augment._gain import multiplied

RAMP = 0.05
"""Share of the height over which a shadow sets in."""


def shadow(image, mask, seed, *, strength=0.8, width=0.2, count=2, start="random"):
    """Darken one band or more, each by its own strength, width and place.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        strength: largest share of the brightness that the middle of a shadow takes, in [0, 1]; drawn evenly from 0.
        width: largest width at 60 % of the depth of a shadow, two standard deviations, as a share of the image's
            width, above 0; drawn evenly from a quarter of it.
        count: most shadows in an image, at least 1; from 1 up all counts have the same chance.
        start: `random` starts a shadow anywhere in the upper three quarters; `lesion` below the lesion, as a mass
            that absorbs sound throws it, at a column drawn from the lesion's. Images without a lesion start anywhere.

    Returns:
        Image and mask.

    Raises:
        ValueError: an option is out of range.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"shadow: strength must be in [0, 1], got {strength}")
    if not 0 < width <= 1:
        raise ValueError(f"shadow: width must be in (0, 1], got {width}")
    if count < 1:
        raise ValueError(f"shadow: count must be at least 1, got {count}")
    if start not in ("random", "lesion"):
        raise ValueError(f"shadow: start must be random or lesion, got {start!r}")
    rng = np.random.default_rng(seed)
    height, wide = mask.shape[:2]
    light = np.ones((height, wide), np.float32)
    for _ in range(rng.integers(1, count + 1)):
        row, column = _start(rng, mask, start)
        dark, deviation = rng.uniform(0, strength), rng.uniform(width / 4, width) * wide / 2
        across = np.exp(-(((np.arange(wide) - column) / deviation) ** 2) / 2)
        down = np.clip((np.arange(height) - row) / (RAMP * height), 0, 1)
        light *= 1 - np.outer(dark * down**2 * (3 - 2 * down), across).astype(np.float32)
    return multiplied(image, light), mask


def _start(rng, mask, start):
    """Row and column where a shadow begins; as many numbers are drawn whether there is a lesion or not."""
    height, width = mask.shape[:2]
    row, place = rng.uniform(0, 0.75 * height), rng.random()
    columns = np.flatnonzero(mask.any(axis=(0, 2) if mask.ndim == 3 else 0)) if start == "lesion" else ()
    if not len(columns):
        return row, place * width
    column = columns[int(place * len(columns))]
    return np.flatnonzero(mask[:, column].reshape(height, -1).any(-1))[-1] + 1, column
