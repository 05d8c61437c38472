"""BUSI, the Breast Ultrasound Images data set: 780 images of three classes, lesions outlined.

Source: Al-Dhabyani, Gomaa, Khaled, Fahmy, Data in Brief 28:104863, 2020. 17 images have two or three masks.
"""

import re
from pathlib import Path

from ultraseg.samples import Sample

PUBLISHED = {"benign": 437, "malignant": 210, "normal": 133}
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
        ValueError: an option is wrong; the folder is not BUSI, is short of images, or an image and its
            mask do not pair; the message says what was found.
    """
    if not classes or any(label not in PUBLISHED for label in classes):
        raise ValueError(f"busi: classes must be among {', '.join(PUBLISHED)}, got {list(classes)}")
    if masks not in ("all", "first"):
        raise ValueError(f"busi: masks must be 'all' or 'first', got {masks!r}")
    root = locate(Path(root))
    source = "phantom (synthetic)" if (root / PHANTOM).is_file() else "BUSI"
    samples = [sample for label in PUBLISHED for sample in _class_folder(root, label, masks, source)]
    counts = {label: sum(sample.label == label for sample in samples) for label in PUBLISHED}
    if not samples or (complete and counts != PUBLISHED):
        raise ValueError(
            f"{root}: BUSI has {_counts(PUBLISHED)} images, found {_counts(counts)}; "
            "complete the folder, or set `complete: false` to use what is there"
        )
    return [sample for sample in samples if sample.label in classes]


def locate(root: Path) -> Path:
    """Find the folder with BUSI's three class folders at `root` or where the download puts it below.

    Raises:
        ValueError: it is not there; the message says what is.
    """
    for folder in (root, root / "Dataset_BUSI_with_GT", root / "busi" / "Dataset_BUSI_with_GT"):
        if all((folder / label).is_dir() for label in PUBLISHED):
            return folder
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; name the one that holds {', '.join(PUBLISHED)}")
    entries = sorted(entry.name for entry in root.iterdir())
    found = ", ".join(entries[:5]) + (f" and {len(entries) - 5} more" if len(entries) > 5 else "")
    raise ValueError(f"{root}: not BUSI, which has the folders {', '.join(PUBLISHED)}; found {found or 'nothing'}")


def _class_folder(root: Path, label: str, masks: str, source: str) -> list[Sample]:
    images: dict[int, Path] = {}
    outlines: dict[int, list[tuple[int, Path]]] = {}
    for path in sorted((root / label).iterdir()):
        match = NAME.fullmatch(path.name)
        if path.name.startswith("."):
            continue
        if match is None or match["label"] != label:
            raise ValueError(
                f"{path}: not a file of BUSI, whose names read '{label} (1).png' and '{label} (1)_mask.png'"
            )
        number = int(match["number"])
        if match["mask"]:
            outlines.setdefault(number, []).append((int(match["more"] or 0), path))
        else:
            images[number] = path
    for number in sorted(images.keys() ^ outlines.keys()):
        name = f"{label} ({number})"
        if number in images:
            raise ValueError(f"{images[number]}: its mask '{name}_mask.png' is missing; restore it or remove the image")
        raise ValueError(f"{outlines[number][0][1]}: its image '{name}.png' is missing; restore it or remove the mask")
    for number, found in outlines.items():
        for place, (more, path) in enumerate(sorted(found)):
            if more != place:
                before = f"{label} ({number})_mask{f'_{place}' if place else ''}.png"
                raise ValueError(f"{path}: the mask that comes before it, {before!r}, is missing; restore it")
    return [
        Sample(
            id=f"{label}-{number}",
            image=images[number],
            masks=_chosen(outlines[number], masks),
            label=label,
            group=f"{label}-{number}",
            source=source,
        )
        for number in sorted(images)
    ]


def _chosen(outlines: list[tuple[int, Path]], masks: str) -> tuple[Path, ...]:
    paths = tuple(path for _, path in sorted(outlines))
    return paths if masks == "all" else paths[:1]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {label}" for label, number in counts.items())
