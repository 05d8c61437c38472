"""Random crop that keeps the lesion in sight, stretched back to the whole."""

import math

import numpy as np

from ultraseg.augment._cropped import cropped


def lesion_crop(image, mask, seed, *, smallest=0.5, largest=1.0, keep=0.75, attempts=10):
    """Cut out a random part of the image's own aspect ratio that holds at least a stated part of the lesion.

    Places are drawn until one keeps enough. Where none of them does, the crop is centred on the lesion's bounding
    box, and widened to it where it is smaller, so that all of the lesion is kept.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`, whose union is the lesion here; nearest
            neighbour, so its values stay. Without a lesion every crop will do.
        seed: whole numbers that decide the draw.
        smallest: smallest share of the area, above 0.
        largest: largest share of the area, at most 1; the share is drawn evenly.
        keep: part of the lesion's pixels that must be kept, in [0, 1].
        attempts: places that are tried, at least 1.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: an option is out of range.
    """
    if not 0 < smallest <= largest <= 1:
        raise ValueError(f"lesion_crop: wanted 0 < smallest <= largest <= 1, got {smallest} and {largest}")
    if not 0 <= keep <= 1:
        raise ValueError(f"lesion_crop: keep must be in [0, 1], got {keep}")
    if attempts < 1:
        raise ValueError(f"lesion_crop: attempts must be at least 1, got {attempts}")
    rng = np.random.default_rng(seed)
    lesion = mask > 0 if mask.ndim == 2 else (mask > 0).any(-1)
    side = math.sqrt(rng.uniform(smallest, largest))
    wanted = keep * np.count_nonzero(lesion)
    tall, wide = _sides(side, lesion.shape)
    for _ in range(attempts):
        top, left = (int(place) for place in rng.integers((lesion.shape[0] - tall + 1, lesion.shape[1] - wide + 1)))
        if np.count_nonzero(lesion[top : top + tall, left : left + wide]) >= wanted:
            return cropped(image, mask, (top, left, tall, wide))
    return cropped(image, mask, _centred(lesion, side))


def _sides(side, shape):
    return tuple(max(1, round(side * whole)) for whole in shape)


def _centred(lesion, side):
    """The crop about the middle of the lesion's bounding box, pushed inside the image and as large as the box."""
    bounds = [np.flatnonzero(lesion.any(axis))[[0, -1]] + (0, 1) for axis in (1, 0)]
    side = max(side, *(float(end - start) / whole for (start, end), whole in zip(bounds, lesion.shape, strict=True)))
    sides = _sides(side, lesion.shape)
    corner = (
        min(max(0, int(start + end - part) // 2), whole - part)
        for (start, end), part, whole in zip(bounds, sides, lesion.shape, strict=True)
    )
    return *corner, *sides
