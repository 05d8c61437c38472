"""Writing: strokes that stand together, told apart into text and body marks, which are larger or thinner drawings.

Source: none published; the limits were set by eye on BUSI.
"""

import numpy as np
from scipy.cluster.hierarchy import DisjointSet

SURE = 0.8  # share of the outline that is sharp in a stroke that needs no neighbour
LONE = 0.9  # the same in a stroke that stands for itself
SEED = 12  # pixels of a stroke that needs no neighbour
FLAT = 3  # pixels: strokes no higher than this and three times as wide are interfaces of tissue, not letters
SKIN = 4  # pixels from the upper edge to the line of the skin
ALONE = 20  # pixels of all strokes of a group
TOUCHING = 8  # pixels between the parts of a drawing
PEN = 40  # grey levels between the strokes of one hand
HANGING = 0.3  # share of its height by which a letter may lie below its neighbour, or its part below the letter
LETTER = 45  # pixels: what is larger is a drawing
THIN = 0.22  # share of its box that a drawing's line fills at most


def groups(strokes):
    """Put strokes together that stand beside each other, and keep the groups that are surely drawn.

    Args:
        strokes: pieces of ink without crosses and dotted lines.

    Returns:
        One (kind, strokes) per group, kind `text` or `body mark`.
    """
    kept = [stroke for stroke in strokes if not _skin(stroke)]
    sure = [s.sharp >= SURE and s.size >= SEED and not _flat(s) for s in kept]
    sets = DisjointSet(range(len(kept)))
    boxes = np.array([(s.top, s.left, s.height, s.width) for s in kept]).reshape(-1, 4)
    greys = np.array([s.grey for s in kept])
    for one in np.flatnonzero(sure):
        for other in np.flatnonzero(_beside(boxes[one], boxes) & (abs(greys - greys[one]) <= PEN)):
            sets.merge(one, other)
    found = []
    for members in sets.subsets():
        group = [kept[i] for i in sorted(members)]
        lone = len(group) == 1 and group[0].sharp < LONE
        if any(sure[i] for i in members) and sum(s.size for s in group) >= ALONE and not lone:
            found.append((_kind(group), group))
    return sorted(found, key=lambda entry: (entry[1][0].top, entry[1][0].left))


def _flat(stroke):
    return stroke.height <= FLAT and stroke.width >= 3 * stroke.height


def _skin(stroke):
    """Whether a stroke is a piece of the bright line where the probe lies on the skin."""
    return stroke.top < SKIN and _flat(stroke) and stroke.width > LETTER


def _beside(box, boxes):
    """Which boxes are as near to one as the letters of a line are, or the parts of one letter."""
    (top, left, height, width), (tops, lefts, heights, widths) = box, boxes.T
    reach = np.maximum(height, heights)
    reach = np.where(np.maximum(reach, np.maximum(width, widths)) > LETTER, TOUCHING, reach)
    across = np.maximum(left - lefts - widths, lefts - left - width)
    down = np.maximum(top - tops - heights, tops - top - height)
    return (across <= reach) & (down <= HANGING * reach)


def _kind(group):
    if max(max(s.height, s.width) for s in group) > LETTER:
        return "body mark"
    largest = max(group, key=lambda s: s.height * s.width)
    thin = np.mean([s.size / (s.height * s.width) for s in group]) <= THIN
    return "body mark" if thin and max(largest.height, largest.width) >= LETTER // 2 else "text"
