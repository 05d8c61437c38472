"""Certificates: a split as a file that says what it was made from and that no group crosses it, and their check."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ultraseg import records, splits
from ultraseg.samples import Row, Sample
from ultraseg.splits import Fold

PARTS = ("train", "validation", "test")


def certificate(
    samples: Sequence[Sample], folds: Sequence[Fold], *, split: Any, validation: float, manifest: str
) -> dict[str, Any]:
    """Describe a split so that anybody can check and use it.

    Args:
        samples: what was split.
        folds: indices into the samples.
        split: the resolved spec, whose options hold the seed.
        validation: the share carved out of training.
        manifest: SHA-256 of the manifest of the samples.

    Returns:
        What `write` writes: the source, the manifest's hash, the spec, a statement, and for each fold the ids of its
        parts, their sizes, and how many images of each stratum they hold.
    """
    crossing = [len(splits.crossing(samples, fold)) for fold in folds]
    groups = len({sample.group for sample in samples})
    names = splits.strata(samples)
    return {
        "source": " and ".join(dict.fromkeys(sample.source for sample in samples)),
        "manifest_sha256": manifest,
        "images": len(samples),
        "groups": groups,
        "split": split,
        "validation": validation,
        "statement": f"No group crosses: each of {groups} groups lies in one part of every fold."
        if not any(crossing)
        else f"This split leaks: of {groups} groups {', '.join(map(str, crossing))} lie in several parts of a fold.",
        "folds": [
            {
                **{part: [samples[index].id for index in indices] for part, indices in fold._asdict().items()},
                "sizes": {part: len(indices) for part, indices in fold._asdict().items()},
                "strata": {
                    part: dict(sorted(Counter(names[index] for index in indices).items()))
                    for part, indices in fold._asdict().items()
                },
                "test_images_with_a_twin_in_training": splits.twins(samples, fold),
            }
            for fold in folds
        ],
    }


def write(path: Path, described: dict[str, Any]) -> None:
    """Write a certificate as JSON, whole or not at all; `splits.file` reads it.

    Raises:
        OSError: the file cannot be written.
    """
    records.write_json(path, described)


def check(path: Path, rows: Sequence[Row], *, manifest: str) -> list[str]:
    """Check a split file against a manifest.

    Args:
        path: of the split, a certificate or any JSON that `splits.read_split` reads.
        rows: of the manifest.
        manifest: its SHA-256.

    Returns:
        One sentence for everything that is wrong: another manifest, images that it does not know, and every pair of
        images of one group that lie in different parts of a fold. Empty when the split holds.

    Raises:
        ValueError: the file is no split.
        OSError: it cannot be read.
    """
    folds = splits.read_split(path)
    said = records.read_json(path).get("manifest_sha256", manifest)
    wrong = [] if said == manifest else [f"made from another manifest: {said[:12]} where this one is {manifest[:12]}"]
    known = {row.id: row for row in rows}
    for number, fold in enumerate(folds):
        places = [(name, part) for part, names in zip(PARTS, fold, strict=True) for name in names]
        wrong += [f"fold {number}: {name} is not in the manifest" for name, _ in places if name not in known]
        members: dict[str, list[tuple[str, str]]] = {}
        for name, part in places:
            if name in known:
                members.setdefault(known[name].group, []).append((name, part))
        for inside in members.values():
            for place, (name, part) in enumerate(inside):
                for other, elsewhere in inside[place + 1 :]:
                    if part != elsewhere:
                        kin = "one scan" if known[name].scan == known[other].scan else "one group"
                        wrong.append(f"fold {number}: {name} ({part}) and {other} ({elsewhere}) are of {kin}")
    return wrong
