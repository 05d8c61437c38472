"""Alignment: one picture laid on another to a fraction of a pixel, and how well their detail then agrees.

Detail is the picture without its coarse brightness, divided by its own local contrast, so that gain, gamma and fading
with depth do not count; what is left is mostly speckle, which no two scans share. Both pictures are compared in
blocks, each free to move by a few pixels; the median over blocks does not see calipers and words on some of them.

Source: Lewis, 1995, "Fast template matching" (normalised cross-correlation of blocks); Wagner, Smith, Sandrik, Lopez,
1983 (speckle as a fingerprint of the scan's place).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ultraseg.audit._placing import brought_together, chained, inverse, laid, shrunk

FINE, COARSE = 1.0, 5.0  # standard deviations in pixels between which detail lies
QUIET = 1.5  # grey levels of local contrast below which there is nothing to compare
BRIGHT, CLIPPED = 30, 2.5  # limits of detail, in grey levels and in local contrasts, for drawn lines and words
LARGEST, SMALLEST = 64, 24  # sides of a block in pixels
FILLED = 0.6  # of a block that must hold detail in both pictures
REACHES = (12, 8, 4, 3)  # pixels that blocks may move by, round after round
FREE = 48  # side of a block, in pixels, below which it may move by less, or chance would find it a place
TURNED = 0.05  # most that x may depend on y, or y on x; scans are not turned when they are copied
HOPELESS = (0.2, 0.4, 0.5, 0.5)  # scores after each round below which no further round will help
STILL = 1.0  # pixels that blocks of pictures of one scan are off by in the end, in the median: copies and frames next
# to each other 0.4 and less; where the ribs of two people are found in each other, 1 and more
SETTLED = 0.95  # score from which pictures that lie within half a pixel need no further round
BLOCKS, SHARE = 12, 0.4  # fewest that are judged, and of those that both pictures show, or one ruler on smooth skin
# would make one scan of two: a quarter and less there, 0.6 and more in copies
BLACK = 12  # grey levels up to which nothing is shown
TRUSTED = 0.25  # correlation from which a block's place counts for the alignment


@dataclass(frozen=True)
class Aligned:
    """How two pictures agree.

    `transform` takes x, y in the first to the second, float64 `[2, 3]`; `score` is the median correlation of detail
    over blocks, in [-1, 1]; `coarse` the same at half the size, which compression and resizing leave near 1.
    """

    transform: np.ndarray
    score: float
    coarse: float


def aligned(one, other, transform):
    """Lay one picture on another and compare their detail.

    Args:
        one: a grey picture, uint8 `[h, w]`.
        other: another one.
        transform: about how x, y in the first lie in the second, float `[2, 3]`.

    Returns:
        Aligned, or None where the pictures share too little detail to be judged, do not agree at all, agree only where
        every block goes its own way, or agree in a small part of what both show.
    """
    together = brought_together(one, other, transform)
    between = together.between
    for reach, hopeless in zip(REACHES, HOPELESS, strict=True):
        centres, offsets, scores, shown = _compared(together.small, together.large, between, reach)
        if len(scores) < max(BLOCKS, SHARE * shown) or np.median(scores) < hopeless:
            return None
        if np.median(scores) > SETTLED and np.abs(offsets).max() < 0.5:
            break
        if reach != REACHES[-1]:
            between = _moved(between, centres, offsets, scores)
    if np.median(np.hypot(*offsets.T)) > STILL:
        return None
    half, to_half = shrunk(together.small, [0.5, 0.5])
    other_half, to_other_half = shrunk(together.large, [0.5, 0.5])
    coarse = _compared(half, other_half, chained(inverse(to_half), between, to_other_half), REACHES[-1])[2]
    found = chained(together.to_small, between, inverse(together.to_large))
    return Aligned(
        transform=inverse(found) if together.swapped else found,
        score=float(np.median(scores)),
        coarse=float(np.median(coarse)) if len(coarse) else 0.0,
    )


def _compared(small, large, between, reach):
    """Correlate blocks of one picture's detail with the other's around them.

    Returns:
        centres of the blocks that hold detail in both, x and y `[n, 2]`; how far each moves to where it correlates
        best, within reach, `[n, 2]`; its correlation there `[n]`; and how many blocks both pictures show.
    """
    drawn, inside = laid(large, between, small.shape)
    detail, busy = _detail(small)
    other, other_busy = _detail(drawn)
    lit = inside & ((small > BLACK) | (drawn > BLACK))
    sums = cv2.integral(np.dstack([lit, inside & busy & other_busy]).astype(np.uint8))
    side = int(np.clip(min(small.shape) / 6, SMALLEST, LARGEST))
    reach = min(reach, max(2, reach * side // FREE))
    shown, found = 0, []
    for top in range(0, small.shape[0] - side + 1, side * 5 // 8):
        for left in range(0, small.shape[1] - side + 1, side * 5 // 8):
            bottom, right = top + side, left + side
            filled = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] >= FILLED * side**2
            shown += bool(filled.any())
            if not filled[1]:
                continue
            above, before = max(top - reach, 0), max(left - reach, 0)
            around = other[above : bottom + reach, before : right + reach]
            table = cv2.matchTemplate(around, detail[top:bottom, left:right], cv2.TM_CCOEFF_NORMED)
            _, score, _, (x, y) = cv2.minMaxLoc(table)
            offset = before + x - left + _between(table[y], x), above + y - top + _between(table[:, x], y)
            found.append(((left + (side - 1) / 2, top + (side - 1) / 2), offset, score))
    centres, offsets, scores = zip(*found, strict=True) if found else ((), (), ())
    return np.array(centres).reshape(-1, 2), np.array(offsets).reshape(-1, 2), np.array(scores), shown


def _detail(picture):
    """Detail over local contrast, float32 `[h, w]`, and where there is enough contrast to have detail."""
    values = picture.astype(np.float32)
    band = cv2.GaussianBlur(values, (0, 0), FINE) - cv2.GaussianBlur(values, (0, 0), COARSE)
    contrast = cv2.sqrt(cv2.GaussianBlur(np.minimum(band * band, BRIGHT**2), (0, 0), 2 * COARSE))
    return np.clip(band / (contrast + 1), -CLIPPED, CLIPPED), contrast > QUIET


def _between(line, peak):
    """Where between pixels the peak of a line of correlations lies, by a parabola, in [-0.5, 0.5]."""
    if not 0 < peak < len(line) - 1:
        return 0.0
    before, at, after = (float(value) for value in line[peak - 1 : peak + 2])
    bend = before - 2 * at + after
    return (before - after) / 2 / bend if bend < 0 else 0.0


def _moved(between, centres, offsets, scores):
    """The change that takes each block to where its detail was found."""
    trusted = scores >= max(TRUSTED, np.quantile(scores, 0.3))
    start = centres[trusted]
    end = (start + offsets[trusted]) @ between[:, :2].T + between[:, 2]
    if len(start) >= BLOCKS:
        fitted, kept = cv2.estimateAffine2D(start, end, ransacReprojThreshold=2.0, maxIters=200)
        if fitted is not None and kept.sum() >= BLOCKS:
            grown = np.diag(fitted[:, :2]) / np.diag(between[:, :2])
            turned = max(abs(fitted[0, 1]), abs(fitted[1, 0])) / np.abs(np.diag(fitted[:, :2])).min()
            if turned < TURNED and (grown > 0.8).all() and (grown < 1.25).all():  # not blocks that lie so by chance
                return fitted
    shifted = between.copy()
    if len(start):
        shifted[:, 2] += np.median(end - (start @ between[:, :2].T + between[:, 2]), axis=0)
    return shifted
