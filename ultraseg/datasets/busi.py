"""BUSI, the Breast Ultrasound Images data set: 780 images of three classes, lesions outlined.

Source: Al-Dhabyani, Gomaa, Khaled, Fahmy, Data in Brief 28:104863, 2020. 17 images have two or three masks.
"""

import re
from pathlib import Path

from ultraseg.datasets._layout import locate
from ultraseg.datasets._tree import Tree
from ultraseg.samples import SYNTHETIC, Sample

PUBLISHED = {"benign": 437, "malignant": 210, "normal": 133}
BELOW = ("Dataset_BUSI_with_GT", "busi/Dataset_BUSI_with_GT")
PHANTOM = "PHANTOM.txt"
"""A file beside the class folders that says that the images are synthetic."""
NAME = re.compile(
    r"(?P<label>benign|malignant|normal) \((?P<number>0|[1-9]\d*)\)(?P<mask>_mask(?:_(?P<more>[1-9]\d*))?)?\.png"
)


def busi(root, *, classes=("benign", "malignant", "normal"), masks="all", complete=True):
    """List the samples of a folder in BUSI's layout.

    Args:
        root: the folder that holds `benign`, `malignant` and `normal`, or one above it that holds
            `Dataset_BUSI_with_GT` or `busi/Dataset_BUSI_with_GT`.
        classes: the labels to keep; the others are left out after the folder was checked.
        masks: `all` unites every mask of an image; `first` takes `..._mask.png` alone, as report 003 did.
        complete: demand the published 437 benign, 210 malignant and 133 normal images. False accepts any
            number of them, for samples of BUSI and other sets in its layout.

    Returns:
        Samples sorted by label and number; each is its own group. The source is BUSI, or says that it is a phantom
        where `ultraseg data phantom` drew the folder.

    Raises:
        ValueError: an option is wrong, or the folder is not BUSI.
        Faulty: it is short of images, an image and its mask do not pair, or a file is not BUSI's; all are named.
    """
    if not classes or any(label not in PUBLISHED for label in classes):
        raise ValueError(f"busi: classes must be among {', '.join(PUBLISHED)}, got {list(classes)}")
    if masks not in ("all", "first"):
        raise ValueError(f"busi: masks must be 'all' or 'first', got {masks!r}")
    tree = Tree(locate(root, tuple(PUBLISHED), below=BELOW))
    source = SYNTHETIC if (tree.root / PHANTOM).is_file() else "BUSI"
    samples = [sample for label in PUBLISHED for sample in _class_folder(tree, label, masks, source)]
    counts = {f"{label} images": sum(sample.label == label for sample in samples) for label in PUBLISHED}
    published = {f"{label} images": (count, counts[f"{label} images"]) for label, count in PUBLISHED.items()}
    return tree.finish([s for s in samples if s.label in classes], facts=published if complete else None)


def _class_folder(tree: Tree, label: str, masks: str, source: str) -> list[Sample]:
    images: dict[int, Path] = {}
    outlines: dict[int, list[tuple[int, Path]]] = {}
    for path in tree.files(label):
        match = NAME.fullmatch(path.name)
        if match is None or match["label"] != label:
            tree.note(path, f"not a file of BUSI, whose names read '{label} (1).png' and '{label} (1)_mask.png'")
        elif match["mask"]:
            outlines.setdefault(int(match["number"]), []).append((int(match["more"] or 0), path))
        else:
            images[int(match["number"])] = path
    for number in sorted(images.keys() ^ outlines.keys()):
        name = f"{label} ({number})"
        if number in images:
            tree.note(images[number], f"its mask '{name}_mask.png' is missing; restore it or remove the image")
        else:
            tree.note(outlines[number][0][1], f"its image '{name}.png' is missing; restore it or remove the mask")
    whole = sorted(images.keys() & outlines.keys())
    for number in whole:
        for place, (more, path) in enumerate(sorted(outlines[number])):
            if more != place:
                before = f"{label} ({number})_mask{f'_{place}' if place else ''}.png"
                tree.note(path, f"the mask that comes before it, {before!r}, is missing; restore it")
                break
    return [
        Sample(
            id=f"{label}-{number}",
            image=images[number],
            masks=_chosen(outlines[number], masks),
            label=label,
            group=f"{label}-{number}",
            source=source,
        )
        for number in whole
    ]


def _chosen(outlines: list[tuple[int, Path]], masks: str) -> tuple[Path, ...]:
    paths = tuple(path for _, path in sorted(outlines))
    return paths if masks == "all" else paths[:1]
