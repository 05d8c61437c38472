"""Duplicates: every pair of pictures in a set that show one and the same scan.

Cheap features name the pairs that may be copies, and an alignment to a fraction of a pixel confirms them: the detail,
which is mostly speckle and differs between any two scans, must agree. Pictures of the same tissue from another moment
or another plane are no copies.

Departure: frames of one sweep that follow each other so closely that most of their speckle is still the same count as
copies too, of kind `adjacent frame`.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import cv2
import numpy as np

from ultraseg.audit._features import features
from ultraseg.audit._kinds import KINDS
from ultraseg.audit._search import search

Watch = Callable[[Iterator[Any], int, str], Iterator[Any]]


@dataclass(frozen=True)
class Pair:
    """Two pictures of one scan.

    `a` stands before `b` in the set. `kind` is the strongest change between them, of `_kinds.KINDS`. `score` is the
    correlation of their detail, in [0, 1]. `transform` takes x, y in `a`, or in its mirror image where the pair is
    `flipped`, to `b`, float64 `[2, 3]`; it is None where the pixels are equal.
    """

    a: str
    b: str
    kind: str
    score: float
    transform: np.ndarray | None = field(default=None, compare=False)
    flipped: bool = False


def duplicates(
    images: Sequence[np.ndarray] | Callable[[int], np.ndarray],
    names: Sequence[str],
    *,
    hashes: Sequence[str] | None = None,
    workers: int = 2,
    watch: Watch = lambda work, total, what: work,
) -> list[Pair]:
    """Find all pairs of pictures that show one scan.

    Args:
        images: the pictures, or a function from an index to one (it is called from several threads, and more than
            once), uint8 `[h, w]`, `[h, w, 1]` or `[h, w, 3]`.
        names: what pairs call the pictures, one each, all different.
        hashes: of the pictures' files, which tell an identical file from identical pixels; None: not known.
        workers: threads.
        watch: shows progress; it is given an iterator, how many things come and what is done, and hands them on.

    Returns:
        Pairs in the order of names, the same in every run. A picture of one grey shows no scan; one of less than
        about 50 pixels a side has too little detail and is found only where its pixels are equal to another's.

    Raises:
        ValueError: names or hashes are not one a picture, a name stands twice, or a picture is not uint8.
    """
    _check(names, hashes, workers)
    if not callable(images) and len(images) != len(names):
        raise ValueError(f"duplicates: one name for each of {len(images)} pictures was wanted, got {len(names)}")
    get = functools.partial(_checked, images if callable(images) else images.__getitem__, names)
    with _one_thread_each(), ThreadPoolExecutor(workers) as pool:
        work = pool.map(lambda index: features(get(index)), range(len(names)))
        found = list(watch(work, len(names), "looking for copies"))
        equal: dict[bytes, list[int]] = {}
        for index, each in enumerate(found):
            if each.digest:
                equal.setdefault(each.digest, []).append(index)
        groups = list(equal.values())
        matches = search(get, [found[group[0]] for group in groups], [group[0] for group in groups], pool, watch)
    pairs = {}
    for group in groups:
        for a, b in combinations(group, 2):
            same_file = hashes is not None and hashes[a] == hashes[b]
            pairs[a, b] = Pair(names[a], names[b], KINDS[0] if same_file else KINDS[1], 1.0)
    for (one, other), match in matches.items():
        for a, b in product(groups[one], groups[other]):
            straight = match if a < b else match.turned(found[a].shape[1], found[b].shape[1])
            a, b = min(a, b), max(a, b)
            score = min(max(match.score, 0.0), 1.0)
            pairs[a, b] = Pair(names[a], names[b], match.kind, score, straight.transform, match.flipped)
    return [pairs[key] for key in sorted(pairs)]


@contextlib.contextmanager
def _one_thread_each():
    """OpenCV without threads of its own: `workers` says how many work, and more of them only wait for each other."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # for the whole process, so it is put back
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _check(names, hashes, workers):
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"duplicates: every picture needs a name of its own, {twice!r} stands twice")
    if hashes is not None and len(hashes) != len(names):
        raise ValueError(f"duplicates: one hash for each of {len(names)} pictures was wanted, got {len(hashes)}")
    if workers < 1:
        raise ValueError(f"duplicates: workers must be 1 or more, got {workers}")


def _checked(get, names, index):
    """The picture at an index, refused by name when it is none."""
    image = np.asarray(get(index))
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or channels not in (1, 3) or not image.size:
        raise ValueError(
            f"duplicates: uint8 [h, w], [h, w, 1] or [h, w, 3] was wanted, {names[index]!r} is {image.dtype} "
            f"{list(image.shape)}"
        )
    return image
