"""Mask pairs that surface measures stumble over, for the tests and for the bench against peers."""

import cv2
import numpy as np

KINDS = ("both empty", "truth empty", "found empty", "pixels", "pixel and blobs", "shifted", "noise", "full", "line")


def pairs(number, *, seed=0):
    """Yield (kind, truth, found), uint8 in {0, 1}, `[height, width]` with sides from 1 to 72.

    Blobs come in one part or several, with holes, and touch the border; the two of "pixel and blobs" may be disjoint.
    """
    rng = np.random.default_rng(seed)
    for index in range(number):
        kind = KINDS[index % len(KINDS)]
        shape = tuple(rng.integers(1, 73, 2))
        if kind == "line":
            shape = (1, shape[1]) if index % 2 else (shape[0], 1)
        yield kind, *_pair(kind, shape, rng)


def _pair(kind, shape, rng):
    empty, pixel = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    pixel[rng.integers(shape[0]), rng.integers(shape[1])] = 1
    blobs = _blobs(shape, rng)
    if kind == "both empty":
        return empty, empty
    if kind == "truth empty":
        return empty, blobs
    if kind == "found empty":
        return pixel if rng.random() < 0.3 else blobs, empty
    if kind == "pixels":
        return pixel, _blobs(shape, rng, pixels=1)
    if kind == "pixel and blobs":
        return pixel, blobs
    if kind == "shifted":
        return blobs, np.roll(blobs, rng.integers(-9, 10, 2), (0, 1))
    if kind == "noise":
        return (rng.random((2, *shape)) < rng.random()).astype(np.uint8)
    if kind == "full":
        return np.ones(shape, np.uint8), blobs
    return blobs, _blobs(shape, rng)


def _blobs(shape, rng, pixels=None):
    """The highest pixels of smoothed noise; at least one."""
    smooth = cv2.GaussianBlur(rng.random(shape).astype(np.float32), (0, 0), rng.uniform(0.5, 6))
    pixels = pixels or max(1, int(rng.uniform(0.005, 0.7) * smooth.size))
    mask = np.zeros(smooth.size, np.uint8)
    mask[np.argsort(-smooth, axis=None, kind="stable")[:pixels]] = 1
    return mask.reshape(shape)
