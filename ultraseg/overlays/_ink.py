"""Ink: pixels that were drawn over a picture, told from tissue by edges one pixel wide and by one even grey.

A scanner's picture is interpolated: its brightest interface still rises over two pixels or more and varies along its
length. What is drawn afterwards jumps within one pixel and keeps the grey of its pen.

Source: none published; the limits were set by eye on the calipers, text and logos of BUSI.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

STEP = 45  # grey levels between a stroke and what is beside it
REST = 0.45  # share of the step by which the pixels before and behind it may still differ
SPREADS = (14, 36)  # grey levels by which pixels of one pen differ: through JPEG noise, through resizing
PENS = 6  # greys of pens that are tried in one picture
FEWEST = 8  # sharp pixels that make a pen
NOISE = 0.1  # share of the pixels: a picture with more sharp ones is noise, or has been enlarged without interpolation
LEAST = 0.5  # share of a stroke's outline that is a sharp step
NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(frozen=True, eq=False)
class Stroke:
    """One connected piece of even grey.

    `rows` and `columns` are its pixels, `top`, `left`, `height` and `width` their box, `grey` is its pen's;
    `outline` counts the pairs of a pixel in it and a neighbour outside, `sharp` is the share of them that are a step.
    """

    rows: np.ndarray
    columns: np.ndarray
    top: int
    left: int
    height: int
    width: int
    grey: float
    sharp: float
    outline: int

    @property
    def size(self):
        return len(self.rows)

    @property
    def middle(self):
        return self.top + (self.height - 1) / 2, self.left + (self.width - 1) / 2


def strokes(grey):
    """Find all pieces of ink, single dots included.

    Args:
        grey: uint8 `[h, w]`.

    Returns:
        Strokes, those with the most sharp outline first; empty where nothing is sharp, and where all is.
    """
    framed = cv2.copyMakeBorder(grey, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    edges = _sharp(grey, framed)
    if np.count_nonzero(edges) > NOISE * edges.size:
        return []
    found = []
    for pen in _pens(grey[edges > 0]):
        for spread in SPREADS:
            even = cv2.inRange(grey, max(pen - spread, 0), min(pen + spread, 255))
            near = cv2.dilate(edges & even, np.ones((3, 3), np.uint8))
            found += _pieces(even & near, framed)
    return _apart(found, grey.shape)


def _apart(pieces, shape):
    """Of strokes that cover each other, found with several pens, keep the one with the most sharp outline."""
    taken = np.zeros(shape, bool)
    kept = []
    for piece in sorted(pieces, key=lambda p: (LEAST - p.sharp) * p.outline):
        if 2 * np.count_nonzero(taken[piece.rows, piece.columns]) <= piece.size:
            taken[piece.rows, piece.columns] = True
            kept.append(piece)
    return kept


def _sharp(grey, framed):
    """Mark with 255 the pixels from which the grey falls within one pixel, level before and behind the fall."""
    height, width = grey.shape
    edges = np.zeros_like(grey)
    flat = framed.ravel()
    for down, right in NEIGHBOURS:
        beside = framed[2 + down : 2 + down + height, 2 + right : 2 + right + width]
        rows, columns = np.nonzero(cv2.subtract(grey, beside) >= STEP)
        here, ahead = (rows + 2) * (width + 4) + columns + 2, down * (width + 4) + right
        before, at, past, behind = (flat[here + k * ahead].astype(int) for k in (-1, 0, 1, 2))
        most = REST * (at - past)
        level = (abs(past - behind) <= most) & ((abs(before - at) <= most) | (at - before >= STEP))
        edges[rows[level], columns[level]] = 255
    return edges


def _pens(greys):
    """The greys that sharp pixels share, commonest first."""
    counts = np.bincount(greys, minlength=256)
    pens = []
    while len(pens) < PENS:
        near = np.convolve(counts, np.ones(SPREADS[0] + 1, int), "same")
        peak = int(near.argmax())
        if near[peak] < FEWEST:
            break
        levels = np.arange(max(peak - SPREADS[0] // 2, 0), min(peak + SPREADS[0] // 2, 255) + 1)
        pens.append(round(float(np.average(levels, weights=counts[levels]))))
        counts[max(pens[-1] - SPREADS[0], 0) : pens[-1] + SPREADS[0] + 1] = 0
    return pens


def _pieces(ink, framed):
    """Connected pieces of one pen whose outline is sharp enough."""
    at = cv2.findNonZero(ink)
    if at is None:
        return []
    columns, rows = at.reshape(-1, 2).T
    wide, flat = framed.shape[1], framed.ravel()
    here = (rows + 2) * wide + columns + 2
    place = np.full(framed.size, -1, np.int32)
    place[here] = np.arange(len(here))
    links = [(place[here + ahead], np.flatnonzero(place[here + ahead] >= 0)) for ahead in (1, wide - 1, wide, wide + 1)]
    starts = np.concatenate([from_ for _, from_ in links])
    ends = np.concatenate([to[from_] for to, from_ in links])
    joined = coo_array((np.ones(len(starts), bool), (starts, ends)), shape=(len(here), len(here)))
    count, own = connected_components(joined, directed=False)
    outline, steps = np.zeros(count, int), np.zeros(count)
    for down, right in NEIGHBOURS:
        ahead = down * wide + right
        inside = (rows + down >= 0) & (rows + down < ink.shape[0])
        inside &= (columns + right >= 0) & (columns + right < ink.shape[1])
        leaves = inside & (place[here + ahead] < 0)
        fall = flat[here].astype(int) - np.minimum(flat[here + ahead], flat[here + 2 * ahead])
        outline += np.bincount(own[leaves], minlength=count)
        steps += np.bincount(own[leaves], weights=fall[leaves] >= STEP, minlength=count)
    sharp = steps / np.maximum(outline, 1)
    order = np.argsort(own, kind="stable")
    rows, columns, levels = rows[order], columns[order], flat[here[order]].astype(float)
    firsts = np.flatnonzero(np.diff(own[order], prepend=-1))
    top, bottom = np.minimum.reduceat(rows, firsts), np.maximum.reduceat(rows, firsts)
    left, right = np.minimum.reduceat(columns, firsts), np.maximum.reduceat(columns, firsts)
    grey = np.add.reduceat(levels, firsts) / np.diff(firsts, append=len(rows))
    parts = np.append(firsts, len(rows))
    return [
        Stroke(
            rows[parts[k] : parts[k + 1]],
            columns[parts[k] : parts[k + 1]],
            int(top[k]),
            int(left[k]),
            int(bottom[k] - top[k] + 1),
            int(right[k] - left[k] + 1),
            float(grey[k]),
            float(sharp[k]),
            int(outline[k]),
        )
        for k in np.flatnonzero(sharp >= LEAST)
    ]
