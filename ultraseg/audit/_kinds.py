"""Kinds: what was done to a picture to make the copy of it that another picture is.

A copy may be changed in several ways; it is named by the one that stands last in `KINDS`.
"""

import cv2
import numpy as np

from ultraseg.audit._placing import brought_together, inverse, laid

KINDS = (
    "identical file",
    "identical pixels",
    "re-saved",
    "resized",
    "cropped",
    "brightness",
    "overlay",
    "flipped",
    "adjacent frame",
)
ADJACENT = KINDS[-1]
SHARP, STILL = 0.95, 0.98  # correlations of fine and of coarse detail, one of which pictures of one moment reach:
# compression takes the fine detail and leaves the coarse, motion changes both
SCALED = 0.015  # share by which a side must be scaled to be resized
CUT = 0.01, 2.5  # share of the longest side, and pixels, that must be missing at a border for a crop
BRIGHTER = 4.0  # grey levels, on the average, that brightness must differ by
BLACK = 12  # grey levels up to which a border is no part of a picture
DRAWN = 40, 10  # grey levels beyond the neighbourhood's that a mark differs by, and pixels that marks must have
RANKS = np.linspace(0.01, 0.99, 50)  # of grey levels that are compared; marks lie outside


def kind(one, other, found, *, flipped):
    """Name the change between two pictures of one scan.

    Args:
        one: the first picture in grey, uint8 `[h, w]`, mirrored already where they are `flipped`.
        other: the second.
        found: their `Aligned`.
        flipped: whether the first was mirrored.

    Returns:
        One of `KINDS`, from "re-saved" on.
    """
    if found.score < SHARP and found.coarse < STILL:
        return ADJACENT
    if flipped:
        return "flipped"
    together = brought_together(one, other, found.transform)
    drawn, reached = laid(together.large, together.between, together.small.shape)
    shown, _ = laid(_filled(together.large), together.between, together.small.shape)
    shown = shown * _filled(together.small) * reached.astype(np.uint8)
    inside = cv2.erode(shown, np.ones((9, 9)), borderValue=0) > 0
    if not inside.any():
        return "cropped"  # no more than a rim is shown in both
    levels, other_levels = (np.quantile(picture[inside], RANKS) for picture in (together.small, drawn))
    if _marked(together.small, drawn, inside, levels, other_levels):
        return "overlay"
    if np.abs(levels - other_levels).mean() > BRIGHTER:
        return "brightness"
    if _cut(_shown(one), _shown(other), found.transform):
        return "cropped"
    scales = np.hypot(*found.transform[:, :2])
    return "resized" if np.abs(np.log(scales)).max() > SCALED else "re-saved"


def _marked(small, drawn, inside, levels, other_levels):
    """Whether something is drawn on one of two pictures that the other does not have."""
    rising = levels + np.arange(len(levels)) * 1e-6
    ends = [other_levels[0] - levels[0], 255 + other_levels[-1] - levels[-1]]
    matched = np.interp(small, [-1e-6, *rising, 256], np.clip([ends[0], *other_levels, ends[1]], 0, 255))
    one, other = (cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7) for picture in (matched, drawn))
    square = np.ones((5, 5))
    strange = np.zeros(small.shape, bool)
    for picture, reference in ((one, other), (other, one)):
        strange |= picture > cv2.dilate(reference, square) + DRAWN[0]
        strange |= picture < cv2.erode(reference, square) - DRAWN[0]
    return np.count_nonzero(strange & inside) >= DRAWN[1]


def _shown(picture):
    """The part of a picture inside its black borders: left, top, right, bottom, the last two inclusive."""
    rows, columns = (np.flatnonzero(picture.max(axis) > BLACK) for axis in (1, 0))
    if not len(rows):
        return 0, 0, picture.shape[1] - 1, picture.shape[0] - 1
    return columns[0], rows[0], columns[-1], rows[-1]


def _filled(picture):
    """1 inside the black borders and 0 on them, uint8 `[h, w]`."""
    left, top, right, bottom = _shown(picture)
    inside = np.zeros_like(picture)
    inside[top : bottom + 1, left : right + 1] = 1
    return inside


def _cut(box, other_box, transform):
    """Whether a border of one picture lies inside the other."""
    cut = False
    for (left, top, right, bottom), (before, above, behind, below), change in (
        (box, other_box, transform),
        (other_box, box, inverse(transform)),
    ):
        allowed = max(CUT[0] * max(behind - before, below - above), CUT[1] * max(1, np.abs(change[:, :2]).max()))
        (first, last), (highest, lowest) = change @ [[left, right], [top, bottom], [1, 1]]
        cut |= max(before - first, above - highest, last - behind, lowest - below) > allowed
    return bool(cut)
