"""Overlays: what a machine or an operator drew over a picture, found pixel by pixel and by kind.

Source: none published; made for the calipers, text, logos, body marks and Doppler boxes of BUSI, whose pictures are
cut from screens.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ultraseg.overlays._calipers import cross_pixels, crosses, dotted, line_pixels
from ultraseg.overlays._ink import strokes
from ultraseg.overlays._writing import groups

KINDS = ("calipers", "text", "body mark", "colour")
DOT = 10  # pixels: a smaller stroke is a dot
ROUND = 4  # pixels that a dot is wide or high at most
SURE = 0.8  # share of its outline by which a dot is sharp
NEAR = 8  # pixels between a caliper and its number
PALE = 0.45  # share of a stroke's contrast that its blurred edge keeps
TINT = 40  # levels between a colour's largest and smallest channel
NEUTRAL = 12  # levels by which the channels of a grey pixel differ, after JPEG
MOST = 0.1  # share of the pixels: a picture that is less grey is a colour picture
JOINED = 12  # pixels between the parts of one mark


@dataclass(frozen=True)
class Mark:
    """One thing that was drawn: its kind, its box (top, left, height, width) and how many pixels it covers."""

    kind: str
    box: tuple[int, int, int, int]
    pixels: int


def find(image):
    """Mark the pixels that were drawn over a picture.

    Args:
        image: uint8 `[h, w, c]`, one channel or three.

    Returns:
        uint8 `[h, w]` in {0, 1}; all 0 where nothing is drawn.
    """
    return (_kinds(image) > 0).astype(np.uint8)


def marks(image):
    """List what was drawn over a picture.

    Args:
        image: uint8 `[h, w, c]`, one channel or three.

    Returns:
        Marks by kind in the order of `KINDS`, then from top to bottom; what is of one kind and near is one mark.
    """
    kinds, found = _kinds(image), []
    for number in np.unique(kinds[kinds > 0]):
        own = (kinds == number).astype(np.uint8)
        count, labels = cv2.connectedComponents(cv2.dilate(own, np.ones((JOINED + 1, JOINED + 1), np.uint8)))
        labels[own == 0] = 0
        for label in range(1, count):
            rows, columns = np.nonzero(labels == label)
            top, left = int(rows.min()), int(columns.min())
            box = top, left, int(rows.max()) - top + 1, int(columns.max()) - left + 1
            found.append(Mark(KINDS[number - 1], box, len(rows)))
    return found


def _kinds(image):
    """The number of its kind at every pixel, from 1; 0 where nothing is drawn."""
    grey = _brightest(image)
    pieces = strokes(grey)
    solid = [piece for piece in pieces if piece.size >= DOT]
    ends = _calipers(crosses(grey), solid)
    beside = [piece for piece in solid if any(_belongs(piece, end) for end in ends)]
    taken = {id(piece) for piece in beside}
    written = groups([piece for piece in solid if id(piece) not in taken])
    lines = dotted(_dots(grey.shape, pieces, [piece for _, group in written for piece in group]), ends)
    kinds = np.zeros(grey.shape, np.uint8)
    if image.shape[-1] == 3:
        kinds[_coloured(image)] = 1 + KINDS.index("colour")
    for kind, group in [*reversed(written), ("calipers", beside)]:
        points = _points(pieces, group) if kind == "text" else []
        kinds[_grown(grey, group + points) > 0] = 1 + KINDS.index(kind)
    for end in ends:
        kinds[cross_pixels(grey, end) > 0] = 1 + KINDS.index("calipers")
    if lines:
        kinds[line_pixels(grey, lines) > 0] = 1 + KINDS.index("calipers")
    return kinds


def _calipers(found, solid):
    """Crosses that are no letter of a word; slanted ones only where there are two at least, as a distance has."""
    free = [cross for cross in found if _letters(cross, solid) < (1 if cross.slanted else 2)]
    slanted = [cross for cross in free if cross.slanted]
    return free if len(slanted) != 1 else [cross for cross in free if not cross.slanted]


def _letters(cross, solid):
    """How many strokes stand beside a cross on its line and are about as high."""
    top, bottom = cross.row - cross.reach, cross.row + cross.reach
    count = 0
    for piece in solid:
        shared = min(bottom, piece.top + piece.height) - max(top, piece.top)
        beyond = 2 * abs(piece.middle[1] - cross.column) > cross.reach
        alike = cross.reach < piece.height <= 3 * cross.reach and shared >= 0.7 * min(piece.height, 2 * cross.reach)
        count += alike and beyond and _gap(piece, cross) <= 2 * cross.reach
    return count


def _belongs(piece, cross):
    """Whether a stroke is a part of a cross, or stands beside it and is no larger than its number."""
    return max(piece.height, piece.width) <= 3 * cross.reach and _gap(piece, cross) <= cross.reach + NEAR


def _gap(piece, cross):
    """Pixels, along the rows or the columns, from the middle of a cross to the box of a stroke."""
    down = max(piece.top - cross.row, cross.row - piece.top - piece.height + 1)
    return max(down, piece.left - cross.column, cross.column - piece.left - piece.width + 1)


def _dots(shape, pieces, written):
    """Middles of the dots that no letter is near, `[n, 2]`."""
    near = cv2.dilate(_painted(shape, written), np.ones((7, 7), np.uint8))
    small = [p for p in pieces if p.size < DOT and max(p.height, p.width) <= ROUND and p.sharp >= SURE]
    return np.array([p.middle for p in small if not near[p.rows[0], p.columns[0]]]).reshape(-1, 2)


def _points(pieces, group):
    """The dots within the box of a group: colons, points over letters."""
    top, left = min(p.top for p in group), min(p.left for p in group)
    bottom, right = max(p.top + p.height for p in group), max(p.left + p.width for p in group)
    small = [piece for piece in pieces if piece.size < DOT]
    return [p for p in small if top <= p.middle[0] < bottom and left <= p.middle[1] < right]


def _painted(shape, pieces):
    ink = np.zeros(shape, np.uint8)
    for piece in pieces:
        ink[piece.rows, piece.columns] = 255
    return ink


def _grown(grey, pieces):
    """Strokes with their blurred edges and the thin parts that were no stroke by themselves."""
    ink = _painted(grey.shape, pieces)
    if not pieces:
        return ink
    top, left = max(min(p.top for p in pieces) - 6, 0), max(min(p.left for p in pieces) - 6, 0)
    part = np.s_[top : max(p.top + p.height for p in pieces) + 6, left : max(p.left + p.width for p in pieces) + 6]
    beneath = cv2.erode(grey[part], np.ones((7, 7), np.uint8)).astype(np.float32)
    pen = float(np.median([p.grey for p in pieces]))
    inked = (grey[part] >= beneath + PALE * np.maximum(pen - beneath, 40)).astype(np.uint8) * 255
    for _ in range(2):
        ink[part] |= cv2.dilate(ink[part], np.ones((3, 3), np.uint8)) & inked
    return ink


def _brightest(image):
    """The largest channel, in which coloured ink is as bright as white ink."""
    first, *others = cv2.split(image)
    for other in others:
        first = cv2.max(first, other)
    return first


def _coloured(image):
    """Coloured pixels of a picture that is grey elsewhere."""
    red, green, blue = cv2.split(image)
    tint = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return (tint >= TINT) & ((tint > NEUTRAL).mean() <= MOST)
