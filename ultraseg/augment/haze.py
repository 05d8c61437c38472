"""Random haze: a band of bright, cloudy clutter near the skin.

Source: Østvik et al., 2021 (IEEE Transactions on Medical Imaging 40), who add noise with a Gaussian profile at a
distance from the probe.
Departure: the band lies at a depth and not at a radius, and its noise is of low frequency, as clutter is.
"""

import cv2
import numpy as np

from ultraseg.augment._gain import raised


def haze(image, mask, seed, *, strength=0.3, depth=0.3, width=0.1, cloud=0.1):
    """Add clouds under a Gaussian profile of the rows.

    Args:
        image: uint8 `[height, width, channels]`; black lesions and margins become grey too.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        strength: brightness of the brightest cloud, at most, as a share of the full range, in [0, 1]; drawn evenly
            from 0.
        depth: deepest row of the band's middle, as a share of the height, in [0, 1]; drawn evenly from the top.
        width: standard deviation of the band, as a share of the height, above 0.
        cloud: size of the clouds, as a share of the image's sides, in (0, 1].

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: an option is out of range.
    """
    if not (0 <= strength <= 1 and 0 <= depth <= 1):
        raise ValueError(f"haze: strength and depth must be in [0, 1], got {strength} and {depth}")
    if not (0 < width <= 1 and 0 < cloud <= 1):
        raise ValueError(f"haze: width and cloud must be in (0, 1], got {width} and {cloud}")
    rng = np.random.default_rng(seed)
    height, wide = mask.shape[:2]
    bright, middle = 255 * rng.uniform(0, strength), rng.uniform(0, depth) * height
    cells = round(1 / cloud) + 1
    clouds = cv2.resize(rng.random((cells, cells), np.float32), (wide, height), interpolation=cv2.INTER_CUBIC)
    band = bright * np.exp(-(((np.arange(height) - middle) / (width * height)) ** 2) / 2)
    return raised(image, np.clip(clouds, 0, 1) * band[:, None].astype(np.float32)), mask
