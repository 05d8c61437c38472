"""Splits: which samples train and which test, by group, stratified by label.

Every split gives one (train, test) pair of index lists per fold, sorted, the same on every machine. Nothing
is returned whose sides share a group, save by `resubstitution`, which tests on what it trained on.
"""

import math
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ultraseg.samples import Sample

__all__ = ["holdout", "kfold", "resubstitution"]

Pair = tuple[list[int], list[int]]


def kfold(samples: Sequence[Sample], *, folds=5, seed=17) -> list[Pair]:
    """Cut the samples into folds; each is the test part once.

    Args:
        samples: what to split.
        folds: number of folds, at least 2.
        seed: of the shuffle.

    Returns:
        As many pairs as folds.

    Raises:
        ValueError: fewer than two folds, fewer groups than folds, or a fold that would lack a label on either side.

    Source: scikit-learn's `StratifiedGroupKFold`.
    """
    return _every_label("kfold", samples, _stratified("kfold", samples, folds, seed))


def holdout(samples: Sequence[Sample], *, share=0.2, seed=17) -> list[Pair]:
    """Hold one part of the samples out as the test part.

    Args:
        samples: what to split.
        share: the part held out, in (0, 0.5]; the nearest of 1/2, 1/3, 1/4, ... is taken.
        seed: of the shuffle.

    Returns:
        One pair.

    Raises:
        ValueError: the share is out of range, there are too few groups for it, or a side would lack a label.
    """
    if not 0 < share <= 0.5:
        raise ValueError(f"holdout: share must be above 0 and at most 0.5, got {share}")
    return _every_label("holdout", samples, _stratified("holdout", samples, _parts(share), seed)[:1])


def resubstitution(samples: Sequence[Sample]) -> list[Pair]:
    """Train and test on all samples: the way of report 003, whose figures are training-set figures.

    Args:
        samples: what to use twice.

    Returns:
        One pair whose sides are equal.
    """
    everything = list(range(len(samples)))
    return [(everything, everything)]


def carve(samples: Sequence[Sample], train: Sequence[int], *, share: float, seed: int) -> Pair:
    """Carve a validation part out of a training part, by group.

    Args:
        samples: all samples.
        train: indices of the training part.
        share: the part that becomes validation, in (0, 0.5], or 0 for none.
        seed: of the shuffle.

    Returns:
        The indices left for training and those for validation.

    Raises:
        ValueError: the share is out of range, there are too few groups for it, or a side would lack a label.
    """
    if share == 0:
        return list(train), []
    if not 0 < share <= 0.5:
        raise ValueError(f"validation: share must be from 0 to 0.5, got {share}")
    inside = [samples[index] for index in train]
    [(left, carved)] = _every_label("validation", inside, _stratified("validation", inside, _parts(share), seed)[:1])
    return [train[index] for index in left], [train[index] for index in carved]


def refuse_leak(samples: Sequence[Sample], train: Sequence[int], test: Sequence[int]) -> None:
    """Raise when a group is on both sides.

    Raises:
        ValueError: naming the first such group.
    """
    shared = {samples[index].group for index in train} & {samples[index].group for index in test}
    if shared:
        raise ValueError(f"split: the group {min(shared)!r} is in both training and test")


def _parts(share: float) -> int:
    """The number of equal parts of which one is nearest to a share."""
    return min((math.floor(1 / share), math.ceil(1 / share)), key=lambda parts: abs(1 / parts - share))


def _stratified(who: str, samples: Sequence[Sample], folds: int, seed: int) -> list[Pair]:
    groups = np.array([sample.group for sample in samples])
    labels = np.array([sample.label for sample in samples])
    distinct = len(set(groups))
    if folds < 2 or distinct < folds:
        raise ValueError(f"{who}: from 2 parts to one per group ({distinct}) are possible, got {folds}")
    for label in sorted(set(labels)):
        if (count := int(np.sum(labels == label))) < folds:
            raise ValueError(f"{who}: {folds} equal parts want {folds} images of each label, only {count} are {label}")
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    pairs = [(train.tolist(), test.tolist()) for train, test in splitter.split(groups, labels, groups)]
    for train, test in pairs:
        refuse_leak(samples, train, test)
    return pairs


def _every_label(who: str, samples: Sequence[Sample], pairs: list[Pair]) -> list[Pair]:
    """Refuse pairs of which a side lacks a label, as happens where its images lie in few groups."""
    for number, sides in enumerate(pairs):
        for side, part in zip(("training", "held-out"), sides, strict=True):
            missing = {sample.label for sample in samples} - {samples[index].label for index in part}
            for label in sorted(missing):
                groups = len({sample.group for sample in samples if sample.label == label})
                raise ValueError(
                    f"{who}: the {side} part of fold {number} has no image of label {label!r}, whose images lie in "
                    f"{groups} group(s); take fewer or larger parts, or leave that label out"
                )
    return pairs
