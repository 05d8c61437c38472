"""Candidates: the few pairs of pictures, of all that there are, which may show one scan.

Two pictures are a pair where several of their keypoints fall into the same bucket of random hyperplanes, or where
their perceptual hashes differ in a few bits. Work is done for buckets and not for pairs, and buckets become finer as
the set grows, so that time grows about as the number of pictures does.

Source: Charikar, 2002, "Similarity estimation techniques from rounding algorithms" (hyperplane hashing); Norouzi,
Punjani, Fleet, 2012, "Fast search in Hamming space with multi-index hashing" (equal parts of a hash).
Departure: descriptors are first centred and half whitened on the set's own principal axes, or all would share a few
buckets.
"""

import numpy as np

from ultraseg.audit._features import MIRROR

TABLES = 12  # independent sets of hyperplanes; a pair that one misses may meet in another
AXES = 64  # principal axes that are kept of a descriptor's 128 numbers
FINEST, COARSEST = 32, 28  # bits that tell buckets apart; the coarsest for up to `FEW` descriptors
FEW = 300_000
CROWD = 24  # a bucket with more members holds what every scan has, and says nothing
PARTNERS = 12  # the most pairs that one picture is worth, where pictures of all scans are laid out alike
VOTES = 4  # meetings in buckets that make two pictures a pair
BITS = 7  # by which two perceptual hashes may differ; they have 8 bytes, one of which is then equal
SAMPLE = 50_000  # descriptors from which the axes are found
TOGETHER = 64  # pictures whose descriptors are unpacked at a time


def candidates(found):
    """Find the pairs of pictures that may show one scan.

    Args:
        found: the features of every picture.

    Returns:
        Sorted list of (a, b, flipped, alike): indices with a < b, whether the mirror image of a is meant, and whether
        the perceptual hashes of the whole pictures are alike.
    """
    pairs = {}
    voted = _voted(found)
    for flipped in (False, True):
        alike = _alike(found, flipped)
        for a, b in alike | voted[flipped]:
            pairs[a, b, flipped] = (a, b) in alike
    return [(*pair, pairs[pair]) for pair in sorted(pairs)]


def _voted(found):
    """Pairs a < b where keypoints meet in buckets: those of a, or of the mirror image of a, with those of b."""
    owners = np.repeat(np.arange(len(found)), [len(each.descriptors) for each in found])
    if not len(owners):
        return set(), set()
    middle, planes = _planes(found, len(owners))
    bits = np.clip(COARSEST + np.ceil(np.log2(len(owners) / FEW)), COARSEST, FINEST)
    kept = np.uint32(2**32 - 2 ** (32 - int(bits)))
    held = _buckets(found, middle, planes, flipped=False) & kept
    turned = _buckets(found, middle, planes, flipped=True) & kept
    return tuple(_met_often(sought, held, owners) for sought in (held, turned))


def _met_often(sought, held, owners):
    """Pairs a < b of owners whose keypoints share a bucket in some table, often enough."""
    met = []
    for row, held_row in zip(sought, held, strict=True):
        one, other = _meetings(row, held_row, CROWD)
        ahead = owners[one] < owners[other]
        met.append(one[ahead] * len(owners) + other[ahead])
    one, other = np.divmod(np.unique(np.concatenate(met)), len(owners))
    pairs, votes = np.unique(owners[one] * len(owners) + owners[other], return_counts=True)
    pairs, votes = pairs[votes >= VOTES], votes[votes >= VOTES]
    return {divmod(pair, len(owners)) for pair in pairs[_foremost(*np.divmod(pairs, len(owners)), votes)].tolist()}


def _foremost(one, other, weights):
    """Which pairs are among the `PARTNERS` of greatest weight that either of the two has."""
    ends, places = np.concatenate([one, other]), np.tile(np.arange(len(one)), 2)
    order = np.lexsort((places, -np.tile(weights, 2), ends))
    _, starts, counts = np.unique(ends[order], return_index=True, return_counts=True)
    rank = np.arange(len(ends)) - np.repeat(starts, counts)
    chosen = np.zeros(len(one), bool)
    chosen[places[order][rank < PARTNERS]] = True
    return chosen


def _alike(found, flipped):
    """Pairs a < b where the perceptual hash of a, or of its mirror image, differs in a few bits from b's."""
    held = np.array([each.hash for each in found], np.uint64)
    sought = np.array([each.mirrored_hash for each in found], np.uint64) if flipped else held
    pairs = set()
    for byte in range(8):
        one, other = _meetings(sought.view(np.uint8)[byte::8], held.view(np.uint8)[byte::8], len(found))
        near = (one < other) & (np.bitwise_count(sought[one] ^ held[other]) <= BITS)
        pairs.update(zip(one[near].tolist(), other[near].tolist(), strict=True))
    one, other = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    apart = np.bitwise_count(sought[one] ^ held[other]).astype(np.int64)
    chosen = _foremost(one, other, -apart)
    return set(zip(one[chosen].tolist(), other[chosen].tolist(), strict=True))


def _planes(found, count):
    """Where descriptors lie about, `[128]`, and the hyperplanes through there that cut them, `[128, TABLES * 32]`."""
    rooted = _rooted(found[:: max(1, count // SAMPLE)])
    middle = rooted.mean(0)
    spread, axes = np.linalg.eigh((rooted - middle).T @ (rooted - middle) / len(rooted))
    spread, axes = spread[-AXES:], axes[:, -AXES:]
    weights = (spread + 0.01 * spread[-1] + 1e-9) ** -0.25
    drawn = np.random.default_rng(0).standard_normal((AXES, TABLES * 32))
    return middle, ((axes * weights) @ drawn).astype(np.float32)


def _buckets(found, middle, planes, *, flipped):
    """The bucket of every descriptor in every table, uint32 `[TABLES, n]`, the first hyperplane as the highest bit."""
    sides = []
    for start in range(0, len(found), TOGETHER):
        rooted = _rooted(found[start : start + TOGETHER])
        side = ((rooted[:, MIRROR] if flipped else rooted) - middle) @ planes > 0
        sides.append(np.packbits(side.reshape(len(side), TABLES, 32), axis=2).view(">u4")[..., 0])
    return np.concatenate(sides).T.astype(np.uint32, order="C")


def _rooted(found):
    """Descriptors of several pictures one below the other, as square roots of shares, float32 `[n, 128]`."""
    every = np.concatenate([each.descriptors for each in found]).astype(np.float32)
    return np.sqrt(every / np.maximum(every.sum(1, keepdims=True), 1))


def _meetings(sought, held, crowd):
    """Indices into both of all that are equal, but for values that more than `crowd` of `held` have."""
    order = np.argsort(held, kind="stable")
    asking = np.argsort(sought, kind="stable")
    ranked = held[order]
    first = np.searchsorted(ranked, sought[asking], side="left")
    counts = np.searchsorted(ranked, sought[asking], side="right") - first
    counts[counts > crowd] = 0
    behind = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(asking, counts), order[np.repeat(first, counts) + behind]
