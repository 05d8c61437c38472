"""Search: candidates confirmed one by one, and then what they have in common followed up.

Two pictures that are both copies of a third are laid on each other too, by way of the third, whether or not anything
named them as candidates.
"""

import functools
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ultraseg.audit._alignment import SETTLED, aligned
from ultraseg.audit._candidates import candidates
from ultraseg.audit._consensus import consensus
from ultraseg.audit._features import grey, mirrored
from ultraseg.audit._kinds import kind
from ultraseg.audit._placing import chained, inverse, shrunk

SAME = 0.65
"""Correlation of detail from which two pictures show one scan. In BUSI copies reach 0.98 and more, frames next to each
other 0.74 to 0.92, frames further apart in the same sweep 0.6 and less, other scans 0.3 and less."""
SAME_BY_OTHERS = 0.6  # the same for two pictures that are both copies of a third
LONGEST = 960  # pixels of the longest side that are kept of a picture
KEPT = 128  # pictures kept in memory at a time


@dataclass(frozen=True)
class Match:
    """Two pictures that show one scan; `transform` takes the first, mirrored where `flipped`, to the second."""

    kind: str
    score: float
    transform: np.ndarray
    flipped: bool

    def whole(self, width):
        """The change from the first picture as it is, being so wide, to the second."""
        return chained(mirror(width), self.transform) if self.flipped else self.transform

    def turned(self, width, other_width):
        """The same match with the second picture, `other_width` pixels wide, as the first one."""
        back = inverse(self.whole(width))
        return Match(self.kind, self.score, chained(mirror(other_width), back) if self.flipped else back, self.flipped)


def mirror(width):
    """The change of x, y that turns a picture left to right."""
    return np.array([[-1.0, 0, width - 1], [0, 1, 0]])


def search(get, found, indices, pool, watch):
    """Find the pictures that show one scan among pictures that all differ.

    Args:
        get: from an index to a picture.
        found: the features of the pictures.
        indices: their indices.
        pool: does the work.
        watch: shows progress, as `duplicates` has it.

    Returns:
        A `Match` for each pair of places a < b in `indices` that show one scan.
    """

    @functools.lru_cache(maxsize=KEPT)
    def kept(place):
        picture = grey(get(indices[place]))
        return shrunk(picture, [min(1, LONGEST / max(picture.shape))] * 2)

    def propose(candidate):
        a, b, flipped, alike = candidate
        changes = [consensus(mirrored(found[a]) if flipped else found[a], found[b])]
        changes += [_stretched(found[a].shape, found[b].shape)] if alike else []
        return _confirmed(kept, a, b, flipped, [change for change in changes if change is not None], SAME)

    def follow(proposal):
        (a, b), (flipped, change) = proposal
        return _confirmed(kept, a, b, flipped, [change], SAME_BY_OTHERS)

    matches = {}
    named = candidates(found)
    judged = watch(pool.map(propose, named), len(named), "comparing likely copies")
    for (a, b, *_), match in zip(named, judged, strict=True):
        if match and ((a, b) not in matches or match.score > matches[a, b].score):
            matches[a, b] = match
    tried = set(matches)
    while ways := _ways(matches, found, tried):
        tried |= set(ways)
        followed = zip(ways, pool.map(follow, ways.items()), strict=True)
        matches |= {pair: match for pair, match in followed if match}
    return dict(sorted(matches.items()))


def _stretched(shape, other_shape):
    """The change that lays a whole picture on another."""
    down, across = np.array(other_shape) / np.array(shape)
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])


def _confirmed(kept, a, b, flipped, changes, least):
    """The match that the best of some proposed changes leads to, or None."""
    if not changes:
        return None
    (one, to_one), (other, to_other) = kept(a), kept(b)
    one = np.ascontiguousarray(one[:, ::-1]) if flipped else one
    best = None
    for change in changes:
        found = aligned(one, other, chained(inverse(to_one), change, to_other))
        if found and (best is None or found.score > best.score):
            best = found
        if best and best.score > SETTLED:
            break
    if best is None or best.score < least:
        return None
    transform = chained(to_one, best.transform, inverse(to_other))
    return Match(kind(one, other, best, flipped=flipped), best.score, transform, flipped)


def _ways(matches, found, tried):
    """For each untried pair of pictures that match a third: whether one is mirrored, and the change by way of it."""
    around = {}
    for (a, b), match in sorted(matches.items()):
        around.setdefault(a, {})[b] = match
        around.setdefault(b, {})[a] = match.turned(found[a].shape[1], found[b].shape[1])
    ways, strength = {}, {}
    for middle, others in sorted(around.items()):
        for a, b in combinations(sorted(others), 2):
            weakest = min(others[a].score, others[b].score)
            if (a, b) in tried or weakest <= strength.get((a, b), 0):
                continue
            to_middle = around[a][middle].whole(found[a].shape[1])
            change = chained(to_middle, others[b].whole(found[middle].shape[1]))
            flipped = others[a].flipped != others[b].flipped
            ways[a, b] = flipped, chained(mirror(found[a].shape[1]), change) if flipped else change
            strength[a, b] = weakest
    return ways
