"""Splits: which samples train, which validate and which test, by group, stratified by label and lesion size.

Every split gives one `Fold` of index lists per fold, sorted, the same on every machine. Nothing is returned whose
parts share a group, save by `random`, the way of reports 000 and 001, and by `resubstitution`, that of report 003.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from ultraseg.samples import Sample

__all__ = ["by_source", "file", "holdout", "kfold", "random", "resubstitution"]


class Fold(NamedTuple):
    """Indices of the three parts of a data set; most splits leave validation empty, to be carved out of training."""

    train: list[int]
    validation: list[int]
    test: list[int]


def kfold(samples: Sequence[Sample], *, folds=5, seed=17) -> list[Fold]:
    """Cut the samples into folds by group; each is the test part once.

    Args:
        samples: what to split.
        folds: number of folds, at least 2.
        seed: of the shuffle.

    Returns:
        As many folds as asked for; labels, and thirds of the lesions by size, in equal shares as far as groups allow.

    Raises:
        ValueError: fewer than two folds, fewer groups than folds, or a fold that would lack a label on either side.

    Source: scikit-learn's `StratifiedGroupKFold`.
    """
    return _every_label("kfold", samples, _stratified("kfold", samples, folds, seed))


def holdout(samples: Sequence[Sample], *, share=0.2, seed=17) -> list[Fold]:
    """Hold one part of the samples out as the test part, by group.

    Args:
        samples: what to split.
        share: the part held out, in (0, 0.5]; the nearest of 1/2, 1/3, 1/4, ... is taken.
        seed: of the shuffle.

    Returns:
        One fold, its labels and sizes as in `kfold`.

    Raises:
        ValueError: the share is out of range, there are too few groups for it, or a side would lack a label.
    """
    if not 0 < share <= 0.5:
        raise ValueError(f"holdout: share must be above 0 and at most 0.5, got {share}")
    return _every_label("holdout", samples, _stratified("holdout", samples, _parts(share), seed)[:1])


def by_source(samples: Sequence[Sample], *, test: str) -> list[Fold]:
    """Test on one source and train on all others, as report 002 does with two hospitals' chest X-rays.

    Args:
        samples: what to split, of two sources or more.
        test: the source of the test part, as the data set names it.

    Returns:
        One fold.

    Raises:
        ValueError: no sample or every sample is of that source, or a group has samples of both.
    """
    sources = sorted({sample.source for sample in samples})
    if test not in sources or len(sources) == 1:
        raise ValueError(
            f"by_source: test must be one of several sources, got {test!r}; there is: {', '.join(sources)}"
        )
    sides: list[list[int]] = [[], []]
    for index, sample in enumerate(samples):
        sides[sample.source == test].append(index)
    refuse_leak(samples, *sides)
    return [Fold(sides[0], [], sides[1])]


def file(samples: Sequence[Sample], *, path: str, sha256: str) -> list[Fold]:
    """Take the split that a file names, such as one that `ultraseg data split` wrote.

    Args:
        samples: what to split.
        path: a JSON file with `folds`, each with the ids of `train`, `test` and perhaps `validation`.
        sha256: of the file, hexadecimal; it makes the split part of what a trial is.

    Returns:
        Its folds; samples that it does not name are in no part.

    Raises:
        ValueError: the file has another hash or is no split, names an image that is not there or one twice, or a
            group is in two parts.
        OSError: it cannot be read.
    """
    data = Path(path).read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise ValueError(f"{path}: its SHA-256 is {found}, the study says {sha256}; write the one that is meant there")
    at = {sample.id: index for index, sample in enumerate(samples)}
    folds = []
    for parts in read_split(Path(path)):
        if unknown := [name for part in parts for name in part if name not in at]:
            raise ValueError(f"{path}: {unknown[0]!r} is not among the {len(samples)} images of this data set")
        fold = Fold(*(sorted(at[name] for name in part) for part in parts))
        for one, other in ((0, 1), (0, 2), (1, 2)):
            refuse_leak(samples, fold[one], fold[other])
        folds.append(fold)
    return folds


def random(samples: Sequence[Sample], *, share=0.2, seed=30, halves=False) -> list[Fold]:
    """Split image by image, as reports 000 and 001 did: copies of one scan fall on both sides.

    Args:
        samples: what to split; they are sorted by file name first, which the reports did not do.
        share: the part held out, in (0, 1): 0.2 with seed 30 is report 000's split.
        seed: of the shuffle.
        halves: cut the part held out again, by the same seed: the first half validates, the second tests. With seed 0
            that is report 001's 8:1:1.

    Returns:
        One fold; how many test images have a copy in training stands in the trial's `result.json`.

    Raises:
        ValueError: the share is out of range or a part would be empty.

    Source: scikit-learn's `train_test_split`.
    """
    if not 0 < share < 1:
        raise ValueError(f"random: share must be between 0 and 1, got {share}")
    order = sorted(range(len(samples)), key=lambda index: samples[index].image.as_posix())
    if min(round(share * len(order)) // (1 + halves), round((1 - share) * len(order))) < 1:
        raise ValueError(f"random: {len(order)} images are too few for a share of {share}")
    train, test = train_test_split(order, test_size=share, random_state=seed)
    validation, test = train_test_split(test, test_size=0.5, random_state=seed) if halves else ([], test)
    return [Fold(sorted(train), sorted(validation), sorted(test))]


def resubstitution(samples: Sequence[Sample]) -> list[Fold]:
    """Train and test on all samples: the way of report 003, whose figures are training-set figures.

    Args:
        samples: what to use twice.

    Returns:
        One fold whose sides are equal.
    """
    everything = list(range(len(samples)))
    return [Fold(everything, [], everything)]


def read_split(path: Path) -> list[tuple[list[str], list[str], list[str]]]:
    """Read the ids of a split file.

    Args:
        path: JSON: `{"folds": [{"train": [...], "validation": [...], "test": [...]}]}`, or one fold alone.

    Returns:
        Training, validation and test ids of every fold; validation may be empty.

    Raises:
        ValueError: the file is no split, or an id is in two parts or twice in one.
        OSError: it cannot be read.
    """
    try:
        tree = json.loads(Path(path).read_text(encoding="utf-8"))
        folds = tree.get("folds", [tree])
        parts = [(fold["train"], fold.get("validation", []), fold["test"]) for fold in folds]
    except (ValueError, KeyError, AttributeError, TypeError):
        parts = []
    lists = [part for fold in parts for part in fold]
    if not lists or not all(isinstance(part, list) and all(isinstance(name, str) for name in part) for part in lists):
        raise ValueError(f"{path}: not a split, which is JSON with the ids of `train` and `test`, or `folds` of them")
    for number, fold in enumerate(parts):
        names = [name for part in fold for name in part]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"{path}: {twice!r} stands in fold {number} twice")
    return parts


def included(samples: Sequence[Sample], exclude: Sequence[str]) -> list[int]:
    """The samples that a trial uses.

    Args:
        samples: all of a data set.
        exclude: `contradicted` leaves out images of which a copy says otherwise; `copies` keeps the first image of
            each scan.

    Returns:
        Indices, ascending.

    Raises:
        ValueError: none is left.
    """
    kept: list[int] = []
    scans: set[str] = set()
    for index, sample in enumerate(samples):
        if "contradicted" in exclude and sample.contradicted:
            continue
        if "copies" in exclude and sample.scan in scans:
            continue
        scans.add(sample.scan or sample.id)
        kept.append(index)
    if not kept:
        raise ValueError(f"data.exclude: {', '.join(exclude)} leaves none of {len(samples)} images")
    return kept


def crossing(samples: Sequence[Sample], fold: Fold) -> list[str]:
    """The groups that lie in more than one part of a fold, sorted."""
    parts = [{samples[index].group for index in part} for part in fold]
    return sorted((parts[0] & parts[1]) | (parts[0] & parts[2]) | (parts[1] & parts[2]))


def twins(samples: Sequence[Sample], fold: Fold) -> int:
    """Count the test images that have a copy of their scan in training."""
    trained = {samples[index].scan or samples[index].id for index in fold.train}
    return sum((samples[index].scan or samples[index].id) in trained for index in fold.test)


def strata(samples: Sequence[Sample]) -> list[str]:
    """Name each sample's label, and for those with a lesion the third of all lesions by size that it falls into.

    Returns:
        `benign small`, `benign middle`, `normal`, ...; the label alone where sizes are not known.
    """
    sizes = np.array([sample.lesion or 0.0 for sample in samples])
    cuts = np.quantile(sizes[sizes > 0], [1 / 3, 2 / 3]) if (sizes > 0).any() else [0, 0]
    thirds = [("small", "middle", "large")[place] for place in np.searchsorted(cuts, sizes, side="left")]
    return [
        f"{sample.label} {third}" if size > 0 else sample.label
        for sample, size, third in zip(samples, sizes, thirds, strict=True)
    ]


def carve(samples: Sequence[Sample], train: Sequence[int], *, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Carve a validation part out of a training part, by group, its labels and sizes as in `kfold`.

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
    [(left, _, carved)] = _every_label("validation", inside, _stratified("validation", inside, _parts(share), seed)[:1])
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


def _stratified(who: str, samples: Sequence[Sample], folds: int, seed: int) -> list[Fold]:
    groups = np.array([sample.group for sample in samples])
    labels = np.array([sample.label for sample in samples])
    distinct = len(set(groups))
    if folds < 2 or distinct < folds:
        raise ValueError(f"{who}: from 2 parts to one per group ({distinct}) are possible, got {folds}")
    classes = np.array(strata(samples), dtype=object)
    for label in sorted(set(labels)):
        of_label = labels == label
        if (count := int(np.sum(of_label))) < folds:
            raise ValueError(f"{who}: {folds} equal parts want {folds} images of each label, only {count} are {label}")
        if min(np.unique(classes[of_label].astype(str), return_counts=True)[1]) < folds:
            classes[of_label] = label  # too few images of some size: the label alone
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    found = splitter.split(groups, classes.astype(str), groups)
    pairs = [Fold(train.tolist(), [], test.tolist()) for train, test in found]
    for train, _, test in pairs:
        refuse_leak(samples, train, test)
    return pairs


def _every_label(who: str, samples: Sequence[Sample], folds: list[Fold]) -> list[Fold]:
    """Refuse folds of which a side lacks a label, as happens where its images lie in few groups."""
    for number, fold in enumerate(folds):
        for side, part in (("training", fold.train), ("held-out", fold.test)):
            missing = {sample.label for sample in samples} - {samples[index].label for index in part}
            for label in sorted(missing):
                groups = len({sample.group for sample in samples if sample.label == label})
                raise ValueError(
                    f"{who}: the {side} part of fold {number} has no image of label {label!r}, whose images lie in "
                    f"{groups} group(s); take fewer or larger parts, or leave that label out"
                )
    return folds
