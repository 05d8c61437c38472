"""Chest X-rays of two hospitals with the lungs outlined: Montgomery County and Shenzhen.

Source: Jaeger, Candemir, Antani, Wáng, Lu, Thoma, Quantitative Imaging in Medicine and Surgery 4(6):475, 2014; masks of
Montgomery by Candemir and others, IEEE Transactions on Medical Imaging 33(2):577, 2014, of Shenzhen by Stirenko and
others, 2018 (arXiv:1803.01199). Montgomery's left and right lung are files of their own and are united; 96 of
Shenzhen's 662 images have no mask.
"""

import re
from pathlib import Path

from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

PREFIXES = {"Montgomery": "MCUCXR", "Shenzhen": "CHNCXR"}
PUBLISHED = {
    ("Montgomery", "normal"): 80,
    ("Montgomery", "tuberculosis"): 58,
    ("Shenzhen", "normal"): 279,
    ("Shenzhen", "tuberculosis"): 287,
}
"""Images with masks."""
LABELS = {"0": "normal", "1": "tuberculosis"}
NAME = re.compile(r"(?P<name>(?P<prefix>MCUCXR|CHNCXR)_\d{4}_[01])(?P<mask>_mask)?\.png")
IMAGES = ("CXR_png",)
HALVES = ["leftMask", "rightMask"]
MASKS = ("masks", "mask", *(f"ManualMask/{half}" for half in HALVES))
DEPTHS = ("", "*/", "*/*/")
"""Where these folders lie below the root: releases and copies nest them differently."""


def cxr_lungs(root, *, hospital="all", complete=True):
    """List the X-rays that have a lung mask.

    Args:
        root: the folder that holds the original releases (`MontgomerySet` with `CXR_png` and `ManualMask`,
            `ChinaSet_AllFiles` with `CXR_png`, and Shenzhen's `mask`), one of them, or the copy of both that has one
            `CXR_png` and one `masks`; each may lie up to two folders below.
        hospital: `montgomery`, `shenzhen` or `all`. Files of the other are passed over.
        complete: demand the published 80 normal and 58 tuberculous images of Montgomery, 279 and 287 of Shenzhen.
            False accepts any number of them.

    Returns:
        Samples sorted by source and name. The label is "normal" or "tuberculosis", the source "Montgomery" or
        "Shenzhen"; each image is a patient's only one and its own group. Images of Shenzhen without a mask are left
        out: 96 are published.

    Raises:
        ValueError: an option is wrong, or there is no such folder.
        Faulty: it is short of images, an image of Montgomery lacks its mask or half of it, a mask its image, an image
            or a mask stands there twice, or a file is of neither hospital; all are named.
    """
    chosen = {"all": list(PREFIXES), **{source.lower(): [source] for source in PREFIXES}}
    if hospital not in chosen:
        raise ValueError(f"cxr_lungs: hospital must be among {', '.join(chosen)}, got {hospital!r}")
    tree = Tree(root)
    images, masks = _named(tree, IMAGES), _named(tree, MASKS)
    samples = [
        Sample(
            id=name,
            image=images[name][0],
            masks=tuple(masks[name]),
            label=LABELS[name[-1]],
            group=name,
            source=source,
        )
        for source in chosen[hospital]
        for name in sorted({*images, *masks})
        if name.startswith(PREFIXES[source]) and _whole(tree, name, images.get(name, []), masks.get(name, []))
    ]
    counts = {
        f"{label} images of {source} with masks": (count, sum((s.source, s.label) == (source, label) for s in samples))
        for (source, label), count in PUBLISHED.items()
        if source in chosen[hospital]
    }
    return tree.finish(samples, facts=counts if complete else None)


def _named(tree: Tree, folders: tuple[str, ...]) -> dict[str, list[Path]]:
    """The files of all folders so called, by the image that they belong to."""
    present = [path for depth in DEPTHS for name in folders for path in tree.root.glob(depth + name) if path.is_dir()]
    if not present:
        tree.note(tree.root, f"there is no folder {' or '.join(folders)}; name the one that holds the data set")
    found: dict[str, list[Path]] = {}
    for folder in sorted(present):
        if any(other.parent == folder for other in present):  # an archive unpacked into a folder of its own name
            continue
        for path in tree.files(folder):
            match = NAME.fullmatch(path.name)
            if match is None or bool(match["mask"]) != (folders is MASKS and match["prefix"] == PREFIXES["Shenzhen"]):
                tree.note(
                    path,
                    "not a file of these sets, whose names read 'MCUCXR_0001_0.png' (image and mask), "
                    "'CHNCXR_0001_0.png' and 'CHNCXR_0001_0_mask.png'; move it away",
                )
            else:
                found.setdefault(match["name"], []).append(path)
    return found


def _whole(tree: Tree, name: str, images: list[Path], masks: list[Path]) -> bool:
    """Whether an image and its mask pair; if not, why not is noted."""
    halves = [path.parent.name for path in masks if path.parent.name in HALVES]
    if len(images) > 1 or (len(masks) > 1 and halves != HALVES):
        twice = images if len(images) > 1 else masks
        tree.note(twice[1], f"there is a {twice[0]} too; remove one of them")
    elif not images:
        tree.note(masks[0], f"its image '{name}.png' is missing; restore it or remove the mask")
    elif len(halves) == 1:
        tree.note(masks[0], "the mask of the other lung is missing; restore it")
    elif not masks and name.startswith(PREFIXES["Montgomery"]):
        tree.note(images[0], "its mask is missing; restore it or remove the image")
    return len(images) == 1 and (halves == HALVES or (len(masks) == 1 and not halves))
