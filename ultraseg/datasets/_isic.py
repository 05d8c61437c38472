"""ISIC's lesion segmentation tasks as the challenges publish them: a folder of photographs, a folder of masks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ultraseg.datasets._layout import paired
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

NAME = re.compile(r"(?P<name>ISIC_\d{7})(?P<mask>_[Ss]egmentation)?\.(jpg|png)")


@dataclass(frozen=True)
class Part:
    """One part of a challenge: its two folders and how many pairs were published."""

    images: str
    masks: str
    count: int


def listed(root, part, parts: Mapping[str, Part], *, source, complete, beside="") -> list[Sample]:
    """List the pairs of one part of a challenge, or of all.

    Args:
        root: the folder that holds the folders of images and masks; each may lie in a folder of its own name, as
            archives unpacked one by one leave it.
        part: one of `parts`, or `all`.
        parts: the challenge's parts by name.
        source: the challenge's name; the part is appended.
        complete: demand the published number of pairs of each part.
        beside: as in `Tree.files`, among the images.

    Returns:
        Samples sorted by part and name; each is its own group and its label is "lesion".

    Raises:
        ValueError: the part is none, or there is no such folder.
        Faulty: the folder is short of images, or some do not pair, or a file is not of the challenge.
    """
    if part != "all" and part not in parts:
        raise ValueError(f"{source}: part must be among {', '.join(parts)}, all, got {part!r}")
    tree = Tree(root)
    chosen = parts if part == "all" else {part: parts[part]}
    samples, facts = [], {}
    for name, folders in chosen.items():
        found = _pairs(tree, folders, f"{source} {name}", beside)
        samples += found
        facts[f"pairs of {source} {name}"] = (folders.count, len(found))
    return tree.finish(samples, facts=facts if complete else None)


def _pairs(tree: Tree, part: Part, source: str, beside: str) -> list[Sample]:
    images = _named(tree, part.images, ".jpg", beside)
    masks = _named(tree, part.masks, ".png", "")
    return [
        Sample(id=name, image=images[name], masks=(masks[name],), label="lesion", group=name, source=source)
        for name in paired(tree, images, masks)
    ]


def _named(tree: Tree, folder: str, suffix: str, beside: str) -> dict[str, Path]:
    """The files of a folder by the image that they belong to."""
    inner = f"{folder}/{folder}"
    found = {}
    for path in tree.files(inner if (tree.root / inner).is_dir() else folder, suffixes=(suffix,), beside=beside):
        match = NAME.fullmatch(path.name)
        if match is None or bool(match["mask"]) != (suffix == ".png"):
            wanted = "ISIC_0000000_segmentation.png" if suffix == ".png" else "ISIC_0000000.jpg"
            tree.note(path, f"not a file of ISIC's, whose names here read '{wanted}'; move it away")
        else:
            found[match["name"]] = path
    return found
