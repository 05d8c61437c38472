"""Splits: which samples train, which validate and which test, by group, stratified by label and lesion size.

Every split gives one `Fold` of index lists per fold, sorted, the same on every machine. Nothing is returned whose
parts share a group, save by `random`, the way of reports 000 and 001, and by `resubstitution`, that of report 003.
Where a split is not by group, what crosses it may be dropped from training.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

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


def by_source(samples: Sequence[Sample], *, test=None, train=None, validation=None, crossing="refuse") -> list[Fold]:
    """Test on some sources and train on others, as report 002 does with two hospitals' chest X-rays.

    Args:
        samples: what to split, of two sources or more.
        test: the source of the test part, as the data set names it, or a list of them; None takes all that are not
            named otherwise.
        train: likewise the training part. One of the two must be given.
        validation: likewise the validation part; None leaves it to be carved out of training.
        crossing: what to do where a group has samples in several parts: `refuse`, or `drop` those of training, and of
            validation where test has some, so that the test part stays as it was published.

    Returns:
        One fold.

    Raises:
        ValueError: a name is no source, stands there twice, or both test and train are left out; a part would be
            empty, or a group crosses and `crossing` refuses that or is unknown.
    """
    sources = sorted({sample.source for sample in samples})
    parts = {"train": _sources(train), "validation": _sources(validation), "test": _sources(test)}
    named = [source for part in parts.values() for source in part or ()]
    for source in named:
        if source not in sources or named.count(source) > 1:
            raise ValueError(
                f"by_source: test, train and validation must be different sources, got {source!r}; there is: "
                f"{', '.join(sources)}"
            )
    if not (parts["test"] or parts["train"]):
        raise ValueError("by_source: name the sources that test, or those that train")
    others = [source for source in sources if source not in named]
    chosen = [parts["train"] or others, parts["validation"] or [], parts["test"] or others]
    fold = Fold(*([i for i, sample in enumerate(samples) if sample.source in part] for part in chosen))
    if crossing == "drop":
        fold = _without_kin(samples, fold)
    elif crossing == "refuse":
        for one, other in ((0, 2), (1, 2), (0, 1)):
            refuse_leak(samples, fold[one], fold[other])
    else:
        raise ValueError(f"by_source: crossing must be 'refuse' or 'drop', got {crossing!r}")
    if not (fold.train and fold.test):
        raise ValueError(f"by_source: nothing is left to train or to test on; there is: {', '.join(sources)}")
    return [fold]


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


def random(samples: Sequence[Sample], *, share=0.2, seed=30, halves=False, crossing="keep") -> list[Fold]:
    """Split image by image, as reports 000 and 001 did: copies of one scan fall on both sides.

    Args:
        samples: what to split; they are sorted by file name first, which the reports did not do.
        share: the part held out, in (0, 1): 0.2 with seed 30 is report 000's split.
        seed: of the shuffle.
        halves: cut the part held out again, by the same seed: the first half validates, the second tests. With seed 0
            that is report 001's 8:1:1.
        crossing: what becomes of the training images whose group is also in the part held out: `keep` leaves them
            there, as the reports do; `drop` takes them out, so that nothing leaks; `drop others` takes as many others
            out instead, so that what leaks can be told from what fewer images cost. The part held out stays the same.

    Returns:
        One fold; how many test images have a copy in training stands in the trial's `result.json`.

    Raises:
        ValueError: the share is out of range, a part would be empty, or `crossing` is unknown.

    Source: scikit-learn's `train_test_split`.
    """
    if not 0 < share < 1:
        raise ValueError(f"random: share must be between 0 and 1, got {share}")
    order = sorted(range(len(samples)), key=lambda index: samples[index].image.as_posix())
    if min(round(share * len(order)) // (1 + halves), round((1 - share) * len(order))) < 1:
        raise ValueError(f"random: {len(order)} images are too few for a share of {share}")
    from sklearn.model_selection import train_test_split  # takes half a second, and a study's status needs no split

    train, test = train_test_split(order, test_size=share, random_state=seed)
    validation, test = train_test_split(test, test_size=0.5, random_state=seed) if halves else ([], test)
    fold = Fold(sorted(train), sorted(validation), sorted(test))
    if crossing == "keep":
        return [fold]
    kept = _without_kin(samples, fold)
    if crossing == "drop others":
        others = np.random.default_rng(seed).permutation(kept.train)[len(fold.train) - len(kept.train) :]
        kin = set(fold.train) - set(kept.train)
        kept = Fold(sorted(kin | set(others.tolist())), fold.validation, fold.test)
    elif crossing != "drop":
        raise ValueError(f"random: crossing must be 'keep', 'drop' or 'drop others', got {crossing!r}")
    if not kept.train:
        raise ValueError(f"random: {crossing!r} leaves nothing to train on, since every image has kin in the test part")
    return [kept]


def resubstitution(samples: Sequence[Sample], *, share=1.0, seed=0) -> list[Fold]:
    """Train and test on the same samples: the way of report 003, whose figures are training-set figures.

    Args:
        samples: what to use twice; they are sorted by file name first.
        share: the part that is used at all, drawn image by image, in (0, 1]: a tenth is what report 001's own net was
            trained and tested on.
        seed: of the draw.

    Returns:
        One fold whose sides are equal; the other samples are in no part.

    Raises:
        ValueError: the share is out of range, or leaves nothing.
    """
    if not 0 < share <= 1:
        raise ValueError(f"resubstitution: share must be above 0 and at most 1, got {share}")
    order = sorted(range(len(samples)), key=lambda index: samples[index].image.as_posix())
    used = np.random.default_rng(seed).permutation(order)[: round(share * len(order))] if share < 1 else order
    if not len(used):
        raise ValueError(f"resubstitution: a share of {share} of {len(order)} images is none")
    used = sorted(int(index) for index in used)
    return [Fold(used, [], used)]


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


def thin(samples: Sequence[Sample], train: Sequence[int], *, share: float, seed: int) -> list[int]:
    """Keep a share of a training part, by group and stratum; a smaller share lies within every larger one.

    Args:
        samples: all samples.
        train: indices of the training part, sorted.
        share: of the groups of each stratum that are kept, in (0, 1], rounded, but at least one group.
        seed: of the order in which groups are kept.

    Returns:
        The indices that are kept, sorted; all for a share of 1.

    Raises:
        ValueError: the share is out of range.
    """
    if not 0 < share <= 1:
        raise ValueError(f"training: share must be above 0 and at most 1, got {share}")
    stratum: dict[str, str] = {}
    for index, name in zip(train, strata([samples[index] for index in train]), strict=True):
        stratum.setdefault(samples[index].group, name)  # a group counts once, in the stratum of its first image
    kept: set[str] = set()
    for name in sorted(set(stratum.values())):
        order = np.random.default_rng(seed).permutation([group for group, of in stratum.items() if of == name])
        kept |= set(order[: max(1, round(share * len(order)))].tolist())
    return [index for index in train if samples[index].group in kept]


def refuse_leak(samples: Sequence[Sample], train: Sequence[int], test: Sequence[int]) -> None:
    """Raise when a group is on both sides.

    Raises:
        ValueError: naming the first such group.
    """
    shared = {samples[index].group for index in train} & {samples[index].group for index in test}
    if shared:
        raise ValueError(f"split: the group {min(shared)!r} is in both training and test")


def _sources(named: str | Sequence[str] | None) -> list[str]:
    """The sources that an option names: none, one, or a list."""
    return [named] if isinstance(named, str) else list(named or ())


def _without_kin(samples: Sequence[Sample], fold: Fold) -> Fold:
    """A fold without the training images that share a group with another part, and the validation ones with test."""
    tested = {samples[index].group for index in fold.test}
    validation = [index for index in fold.validation if samples[index].group not in tested]
    held = tested | {samples[index].group for index in validation}
    return Fold([index for index in fold.train if samples[index].group not in held], validation, fold.test)


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
    from sklearn.model_selection import StratifiedGroupKFold

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
