"""Anybody's own images: `images/` and `masks/` with equal names, or a table of paths.

Departure: no counts are checked, since nobody has published them. A patient's identifier becomes a pseudonym.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ultraseg import dicom
from ultraseg.datasets._tree import Tree, identifier
from ultraseg.pixels import SUFFIXES
from ultraseg.samples import Sample

DICOM = ".dcm"


def folder(root, *, table="", label="unlabelled", source="", pitch_mm=(), lesion_free=False, region=True):
    """List the samples of a folder of one's own.

    Without a table, `images/` and `masks/` hold files of equal names, in equal folders below them if there are any;
    the endings may differ, one mask belongs to one image, and `scan_1.png` is no further mask of `scan.png`. What else
    lies in the folder is not looked at. With a table, its lines alone say what belongs together.

    Files are PNG, JPEG, TIFF, BMP, grey or colour, of 8 or 16 bits, or DICOM named `.dcm`, of which the tags give the
    pixel size, the patient and the ultrasound region. Of a DICOM file with several pictures each is a sample, called
    `NAME-frame-0`, `NAME-frame-1` and so on, and so is its mask in `masks/`.

    Args:
        root: the folder.
        table: a CSV file below it with the columns `image` and `mask`: paths below the root, several masks of one
            image parted by `;`, none where there is no lesion. It may have `label`; `group`, what must stay on one
            side of a split (empty: by itself); `pitch_mm`, one number or `height x width` (empty: not known); `id`
            (empty: made of the path); and `frame`, counted from 0, for a DICOM file with several pictures.
        label: of every image that no table labels.
        source: the set's name as titles print it; empty takes the folder's.
        pitch_mm: a pixel's height and width in millimetres, or one number for both, in a list, where neither the table
            nor a tag gives it; empty where it is not known.
        lesion_free: whether an image for which `masks/` holds nothing shows no lesion. False calls that a fault.
        region: cut DICOM pictures and their masks to the ultrasound region that the tags name, so that no text of the
            scanner's is left.

    Returns:
        Samples, sorted by path or in the table's order. An image without a group is its own; DICOM pictures of one
        patient, series or file share one. Ids are paths below the root, without `images/`, with hyphens for slashes.

    Raises:
        ValueError: an option is wrong, or there is no such folder.
        Faulty: a file or a line of the table cannot be used, an image and its mask do not pair, or two images have one
            name; all are named.
    """
    pitch = _pitch_mm(pitch_mm)
    if pitch is None and pitch_mm not in ((), []):
        raise ValueError(f"folder: pitch_mm must be a list of one or two numbers of millimetres, got {pitch_mm!r}")
    if not label:
        raise ValueError("folder: label must be a word, got ''")
    if table and lesion_free:
        raise ValueError("folder: lesion_free goes with masks/; in a table an empty mask says that there is no lesion")
    tree = Tree(root)
    plain = Sample("", tree.root, (), label, "", source or tree.root.name, pitch)
    samples = _tabled(tree, table, plain, region) if table else _paired(tree, plain, lesion_free, region)
    return tree.finish(samples)


def _paired(tree: Tree, plain: Sample, lesion_free: bool, region: bool) -> list[Sample]:
    """The samples of `images/` and `masks/`."""
    images, masks = (_by_name(tree, part) for part in ("images", "masks"))
    samples = []
    for name, path in images.items():
        for sample in _pictures(tree, replace(plain, id=_own_id(tree, path), image=path), region):
            own = name if sample.frame is None else f"{name}-frame-{sample.frame}"
            mask = masks.pop(own, None)
            if mask is None and not lesion_free:
                tree.note(path, f"its mask 'masks/{own}' is missing or cannot be used; restore it or remove the image")
            else:
                samples.append(replace(sample, masks=(mask,) if mask else ()))
    for name, path in masks.items():
        tree.note(path, f"its image 'images/{name}' is missing or cannot be used; restore it or remove the mask")
    return samples


def _by_name(tree: Tree, part: str) -> dict[str, Path]:
    """Files by their path below a folder without the ending, accents composed."""
    found: dict[str, Path] = {}
    for path in tree.files(part, suffixes=SUFFIXES, recursive=True):
        name = _name(tree, path, part)
        if name in found:
            tree.note(path, f"the same name as {found[name].name!r}; keep one of the two or rename it")
        else:
            found[name] = path
    return found


def _name(tree: Tree, path: Path, part: str) -> str:
    return unicodedata.normalize("NFC", path.relative_to(tree.root / part).with_suffix("").as_posix())


def _own_id(tree: Tree, path: Path) -> str:
    return identifier(_name(tree, path, "images" if path.is_relative_to(tree.root / "images") else "."))


def _pictures(tree: Tree, sample: Sample, region: bool) -> list[Sample]:
    """The samples that an image file holds: one, or one for each picture of a DICOM file."""
    path = sample.image
    if path.suffix.lower() != DICOM:
        return [replace(sample, group=sample.group or sample.id)]
    try:
        found = dicom.describe(path)
    except (ValueError, OSError) as error:
        tree.note(path, str(error).removeprefix(f"{path}: "))
        return []
    sample = replace(
        sample,
        group=sample.group or _pseudonym(found) or _own_id(tree, path),
        pitch_mm=found.pitch_mm or sample.pitch_mm,
        box=found.box if region else None,
    )
    if found.frames == 1:
        return [sample]
    return [replace(sample, id=identifier(f"{sample.id}-frame-{k}"), frame=k) for k in range(found.frames)]


def _pseudonym(found: dicom.Description) -> str:
    """What stands for the patient, or else the series: groups are written into results, which travel."""
    known = [(kind, tag) for kind, tag in (("patient", found.patient), ("series", found.series)) if tag]
    return "".join(f"{kind}-{hashlib.sha256(tag.encode()).hexdigest()[:12]}" for kind, tag in known[:1])


def _tabled(tree: Tree, table: str, plain: Sample, region: bool) -> list[Sample]:
    """The samples of a table."""
    samples: list[Sample] = []
    lines: dict[tuple[Path, int | None], int] = {}
    for number, row in tree.lines(table, ("image", "mask")):
        said = f"{tree.root / table}, line {number}"
        for sample in _line(tree, said, row, plain, region):
            first = lines.setdefault((sample.image, sample.frame), number)
            if first != number:
                tree.note(said, f"{row['image']!r} stands in line {first} already; keep one of the two")
            samples.append(sample)
    return samples


def _line(tree: Tree, said: str, row: Mapping[str, str], plain: Sample, region: bool) -> list[Sample]:
    """The samples of one line; all that is wrong with it is noted."""
    before = len(tree.faults)
    if not row["image"]:
        tree.note(said, "its image is empty; name a file")
        return []
    image = tree.file(row["image"], suffixes=SUFFIXES, said=said)
    named = [name.strip() for name in row["mask"].split(";") if name.strip()]
    masks = tuple(tree.file(name, suffixes=SUFFIXES, said=said) for name in named)
    if not row.get("label", plain.label):
        tree.note(said, "its label is empty; fill it in, or leave the whole column out")
    pitch = _pitch_mm(re.split("[x×]", row["pitch_mm"])) if row.get("pitch_mm") else plain.pitch_mm
    if row.get("pitch_mm") and pitch is None:
        tree.note(said, f"its pitch_mm is {row['pitch_mm']!r} where '0.1' or '0.1 x 0.2' is wanted: height x width")
    if image is None or len(tree.faults) > before:
        return []
    sample = replace(plain, id=row.get("id") or _own_id(tree, image), image=image, masks=masks, pitch_mm=pitch,
                     label=row.get("label", plain.label), group=row.get("group", ""))  # fmt: skip
    found = _pictures(tree, sample, region)
    if row.get("pitch_mm"):
        found = [replace(sample, pitch_mm=pitch) for sample in found]
    return _frame(tree, said, row, found)


def _frame(tree: Tree, said: str, row: Mapping[str, str], found: list[Sample]) -> list[Sample]:
    """The picture that a line means, of those in its file."""
    wanted = row.get("frame", "")
    if not found or (not wanted and (len(found) == 1 or not row["mask"])):
        return found
    count = len(found)
    if not wanted:
        tree.note(said, f"{row['image']!r} holds {count} pictures; say in a column `frame` which one is meant")
    elif not wanted.isdecimal() or int(wanted) >= count:
        tree.note(said, f"its frame is {wanted!r} where a number from 0 to {count - 1} is wanted")
    else:
        own = found[int(wanted)]
        return [replace(own, id=row["id"]) if row.get("id") else own]
    return []


def _pitch_mm(given: Sequence[str | float]) -> tuple[float, float] | None:
    """A pixel's height and width out of one or two numbers; None where they are none."""
    try:
        sides = [float(side) for side in given]
    except (ValueError, TypeError):
        return None
    if len(sides) not in (1, 2) or not all(math.isfinite(side) and side > 0 for side in sides):
        return None
    return sides[0], sides[-1]
