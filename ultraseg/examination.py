"""Examination: a data set looked at from all sides, as far as it can be read, for `audit.page` to show."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from ultraseg import audit, catalogue, splits
from ultraseg.audit.page import Audit
from ultraseg.collection import Watch, together, twins, unwatched
from ultraseg.samples import Faulty, Sample
from ultraseg.splits import Fold

MARKED = "marked although clear"


def examine(
    spec: Any,
    root: Path,
    *,
    split: Path | None = None,
    share: float = 0.2,
    seed: int = 30,
    draws: int = 200,
    watch: Watch = unwatched,
) -> Audit:
    """Look at a data set.

    Args:
        spec: a data set as a study names it.
        root: its folder.
        split: a split file whose leakage is counted too.
        share: of the images that test in scikit-learn's random split.
        seed: of that split.
        draws: how many random splits, of seeds from 0 up, the mean leakage is taken over.
        watch: shows progress.

    Returns:
        Everything that was found. What is broken is named in `faults` and `findings`, and the rest goes on without it.

    Raises:
        ValueError: the folder is not that data set at all, or the split file is none.
        OSError: the split file cannot be read.
    """
    try:
        samples, faults = catalogue.bind("datasets", spec)(root), ()
    except Faulty as fault:
        samples, faults = fault.samples, fault.faults
    findings = audit.inspect_images(watch(iter(samples), len(samples), "looking at images"))
    findings += _of_masks(samples, watch)
    broken = {finding.id for finding in findings if finding.kind in audit.BROKEN}
    whole = [sample for sample in samples if sample.id not in broken]
    pairs = twins(whole, watch=watch)
    clashes = audit.contradictions(whole, pairs)
    whole = together(whole, pairs, clashes)
    folds = {f"random {1 - share:.0%} to {share:.0%}, seed {seed}": splits.random(whole, share=share, seed=seed)[0]}
    folds |= _named(split, whole) if split else {}
    return Audit(
        samples=tuple(whole),
        facts=_facts(samples, whole, faults, broken, pairs, clashes),
        faults=tuple(faults),
        findings=tuple(findings),
        extents=tuple(audit.extents(whole)),
        pairs=tuple(pairs),
        contradictions=tuple(clashes),
        splits={name: audit.leakage(whole, fold) for name, fold in folds.items()},
        draws=tuple(audit.random_leakage(whole, share=share, seeds=range(draws))),
    )


def _of_masks(samples: Sequence[Sample], watch: Watch) -> list[Any]:
    """Findings on masks; where most images labelled normal are marked, as lungs are, it says nothing of them."""
    found = [f for s in watch(iter(samples), len(samples), "looking at masks") for f in audit.inspect_masks(s)]
    marked = sum(finding.kind == MARKED for finding in found)
    told = 2 * marked <= sum(sample.label == "normal" for sample in samples)
    return [finding for finding in found if told or finding.kind != MARKED]


def _named(path: Path, samples: Sequence[Sample]) -> dict[str, Fold]:
    """The folds of a split file; images that cannot be read are in no part."""
    at = {sample.id: index for index, sample in enumerate(samples)}
    folds = splits.read_split(path)
    if not any(name in at for fold in folds for part in fold for name in part):
        raise ValueError(f"{path}: none of its images is in this data set; name the split that was made of it")
    return {
        f"{path.name}{f', fold {number}' if len(folds) > 1 else ''}": Fold(
            *([at[name] for name in part if name in at] for part in fold)
        )
        for number, fold in enumerate(folds)
    }


def _facts(samples, whole, faults, broken, pairs, clashes) -> dict[str, Any]:
    """What the page counts by name."""
    named = {sample.id: sample for sample in whole}
    masked = [
        (pair, score)
        for pair, score in zip(pairs, audit.agreements(whole, pairs), strict=True)
        if pair.kind != audit.ADJACENT and all(named[end].masks for end in (pair.a, pair.b))
    ]
    copies = [pair for pair in pairs if pair.kind != audit.ADJACENT]
    twice = [score for _, score in masked]
    over = Counter(what for clash in clashes for what in clash.over)
    return {
        "images that the reader lists": len(samples),
        "faults of the folder": len(faults),
        "images with a broken file": len(broken),
        "images with a copy": len({end for pair in copies for end in (pair.a, pair.b)}),
        "distinct scans": len({sample.scan for sample in whole}),
        "groups": len({sample.group for sample in whole}),
        "pairs of copies": len(copies),
        "pairs of adjacent frames": len(pairs) - len(copies),
        **{f"pairs of kind {kind}": count for kind, count in Counter(pair.kind for pair in copies).most_common()},
        "pairs that contradict each other over the label": over["label"],
        f"pairs whose masks' Dice is below {audit.AGREEMENT}": over["mask"],
        "images that are contradicted": sum(bool(sample.contradicted) for sample in whole),
        "pairs of copies with two masks": len(twice),
        "their Dice, mean": round(fmean(twice), 4) if twice else None,
        "their Dice, median": round(median(twice), 4) if twice else None,
    }
