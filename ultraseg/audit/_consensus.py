"""Consensus: the one change of scale and place that most matched keypoints of two pictures agree on.

Scans are cut out, stretched along one axis or both and shown elsewhere, never turned: four numbers say how.

Source: Fischler and Bolles, 1981, "Random sample consensus"; Lowe, 2004, section 7 (mutual nearest descriptors, sizes
of keypoints that must agree).
"""

import numpy as np

ALIKE = 0.88  # least cosine of two rooted descriptors that match
SAMPLES = 500  # pairs of matches that each propose a change
APART = 0.06  # of the picture's longest side, between the two matches of a sample, along both axes
NEAR = 0.015  # of the longest side, within which a match agrees with a change
STRETCH = 2.0  # most that one axis may be stretched against the other
AGREE = 8  # matches that must agree
CELLS = 6  # squares of a grid of 20 x 20 that they must be spread over, so that a word that both show is too little


def consensus(one, other):
    """Find how one picture lies on the other.

    Args:
        one: features of the first picture.
        other: features of the second.

    Returns:
        float64 `[2, 3]` that takes x, y in the first picture to the second, or None where too few keypoints agree.
    """
    matched = _matches(one.descriptors, other.descriptors)
    if len(matched) < AGREE:
        return None
    p, q = one.points[matched[:, 0]], other.points[matched[:, 1]]
    growth = other.sizes[matched[:, 1]] / one.sizes[matched[:, 0]]
    scales, shifts = _proposed(p, q, max(one.shape))
    if not len(scales):
        return None
    agreed = _agreeing(scales, shifts, p, q, growth, max(other.shape))
    best = agreed[np.argmax(agreed.sum(1))]
    for _ in range(2):
        if best.sum() < AGREE:
            return None
        scale, shift = _fitted(p[best], q[best])
        best = _agreeing(scale[None], shift[None], p, q, growth, max(other.shape))[0]
    cells = np.unique(np.floor(p[best] / max(one.shape) * 20), axis=0)
    if best.sum() < AGREE or len(cells) < CELLS:
        return None
    return np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])


def _matches(one, other):
    """Indices of descriptors that are each other's nearest and alike, `[k, 2]`."""
    if not len(one) or not len(other):
        return np.zeros((0, 2), int)
    alike = _rooted(one) @ _rooted(other).T
    nearest, back = alike.argmax(1), alike.argmax(0)
    first = np.arange(len(one))
    mutual = (back[nearest] == first) & (alike[first, nearest] > ALIKE)
    return np.stack([first[mutual], nearest[mutual]], axis=1)


def _rooted(descriptors):
    rows = descriptors.astype(np.float32)
    return np.sqrt(rows / np.maximum(rows.sum(1, keepdims=True), 1))


def _proposed(p, q, side):
    """Scales `[n, 2]` and shifts `[n, 2]` that pairs of matches propose and that a copy may have."""
    drawn = np.random.default_rng(0).integers(0, len(p), (SAMPLES, 2))
    away, moved = p[drawn[:, 0]] - p[drawn[:, 1]], q[drawn[:, 0]] - q[drawn[:, 1]]
    drawn, away, moved = (part[(np.abs(away) > APART * side).all(1)] for part in (drawn, away, moved))
    scales = moved / away
    sound = (scales > 0.2).all(1) & (scales < 5).all(1)
    scales, drawn = scales[sound], drawn[sound]
    sound = np.abs(np.log(scales[:, 0] / scales[:, 1])) < np.log(STRETCH)
    scales, drawn = scales[sound], drawn[sound]
    return scales, q[drawn[:, 0]] - scales * p[drawn[:, 0]]


def _agreeing(scales, shifts, p, q, growth, side):
    """Which matches agree with each change in place and, roughly, in size, bool `[n, k]`."""
    missed = np.abs(scales[:, None] * p + shifts[:, None] - q).max(2)
    grown = np.abs(np.log(growth) - np.log(scales).mean(1, keepdims=True))
    return (missed < NEAR * side) & (grown < 0.45)


def _fitted(p, q):
    """Scale and shift along each axis by least squares."""
    middle, centre = p.mean(0), q.mean(0)
    spread = np.maximum(((p - middle) ** 2).sum(0), 1e-9)
    scale = ((p - middle) * (q - centre)).sum(0) / spread
    return scale, centre - scale * middle
