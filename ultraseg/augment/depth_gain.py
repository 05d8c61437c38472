"""Random gain over the depth: attenuation along the beam and a wrongly set time-gain compensation.

Source: Østvik et al., 2021 (IEEE Transactions on Medical Imaging 40), who attenuate along the beam; Singla et al.,
2022 (Medical Imaging with Deep Learning), who vary the time-gain compensation.
Departure: beams run straight down. Grey values of a scanner are decibels, so a gain is added and not multiplied.
"""

import math

import numpy as np


def depth_gain(image, mask, seed, *, attenuation=6.0, compensation=6.0, sliders=8, dynamic_range=60.0):
    """Add a gain that changes with the row: a straight line from 0 at the top, and a smooth curve through sliders.

    Args:
        image: uint8 `[height, width, channels]`; what is 0 shows no echo and stays 0.
        mask: uint8 `[height, width]` or `[height, width, structures]`, returned as it is.
        seed: whole numbers that decide the draw.
        attenuation: largest gain or loss at the bottom row, in dB, at least 0; drawn evenly from both sides of 0.
        compensation: largest gain or loss of a slider, in dB, at least 0; likewise, each slider by itself.
        sliders: how many there are, evenly from top to bottom, at least 2.
        dynamic_range: decibels that the grey values from 0 to 255 span, above 0.

    Returns:
        Image, clipped to [0, 255], and mask.

    Raises:
        ValueError: an option is out of range.
    """
    if not (0 <= attenuation < math.inf and 0 <= compensation < math.inf):
        raise ValueError(f"depth_gain: gains must be at least 0 dB, got {attenuation} and {compensation}")
    if sliders < 2:
        raise ValueError(f"depth_gain: at least 2 sliders are wanted, got {sliders}")
    if not 0 < dynamic_range < math.inf:
        raise ValueError(f"depth_gain: the dynamic range must be above 0 dB, got {dynamic_range}")
    rng = np.random.default_rng(seed)
    depth = np.linspace(0, 1, len(image))
    line = depth * rng.uniform(-attenuation, attenuation)
    gain = line + _curve(depth, rng.uniform(-compensation, compensation, sliders))
    grey = np.clip(np.rint(gain * 255 / dynamic_range), -255, 255).astype(np.int16)
    changed = np.clip(image + grey[:, None, None], 0, 255).astype(np.uint8)
    return changed * (image > 0), mask


def _curve(depth, levels):
    """The sliders' levels where they stand, and between two of them a cubic that is flat at both."""
    position = depth * (len(levels) - 1)
    above = np.minimum(position.astype(int), len(levels) - 2)
    share = position - above
    share = share**2 * (3 - 2 * share)
    return levels[above] * (1 - share) + levels[above + 1] * share
