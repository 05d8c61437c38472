"""Contradictions: copies of one scan that have two labels, or two masks that do not agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ultraseg import pixels
from ultraseg.metrics.dice import dice
from ultraseg.samples import Sample

AGREEMENT = 0.7
"""Dice below which two masks of one scan are not the same lesion drawn twice, but another opinion: people who outline
a breast lesion again reach 0.8 and more."""


@dataclass(frozen=True)
class Contradiction:
    """Two copies of one scan, what they disagree `over` (`label`, `mask` or both), and the Dice of their masks."""

    a: str
    b: str
    over: tuple[str, ...]
    dice: float


def contradictions(samples: Sequence[Sample], pairs: Sequence[Any]) -> list[Contradiction]:
    """Find the pairs of copies that contradict each other.

    Args:
        samples: the data set.
        pairs: what `duplicates` found among them.

    Returns:
        In the order of the pairs. Masks contradict each other where their Dice over what both pictures show is below
        `AGREEMENT`, so where one copy is marked and the other is not.

    Raises:
        ValueError: a mask file is broken.
    """
    named = {sample.id: sample for sample in samples}
    found = []
    for pair, score in zip(pairs, agreements(samples, pairs), strict=True):
        over = ("label",) if named[pair.a].label != named[pair.b].label else ()
        over += ("mask",) if score < AGREEMENT else ()
        if over:
            found.append(Contradiction(pair.a, pair.b, over, score))
    return found


def agreements(samples: Sequence[Sample], pairs: Sequence[Any]) -> list[float]:
    """How well the masks of two copies agree: what one annotator, or two, reach on one scan.

    Args:
        samples: the data set.
        pairs: what `duplicates` found among them.

    Returns:
        Dice of each pair's masks over what both pictures show, one being brought onto the other; 1 where neither is
        marked.

    Raises:
        ValueError: a mask file is broken.
    """
    named = {sample.id: sample for sample in samples}
    masks: dict[str, np.ndarray] = {}
    for name in sorted({end for pair in pairs for end in (pair.a, pair.b)}):
        image, mask = pixels.read(named[name], 1)
        masks[name] = mask.any(axis=2).astype(np.uint8) if mask.ndim == 3 else mask
    return [_agreement(masks[pair.a], masks[pair.b], pair) for pair in pairs]


def _agreement(one: np.ndarray, other: np.ndarray, pair: Any) -> float:
    """Dice of the first mask, brought onto the second picture, with the second, where both pictures show something."""
    moved, seen = one[:, ::-1] if pair.flipped else one, np.ones_like(one)
    if pair.transform is not None:
        size = other.shape[::-1]
        moved, seen = (
            cv2.warpAffine(np.ascontiguousarray(part), pair.transform, size, flags=cv2.INTER_NEAREST)
            for part in (moved, seen)
        )
    both = seen > 0
    return dice(other[both], moved[both])
