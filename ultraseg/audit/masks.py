"""Findings on masks: what is odd in their files and in what they mark, and how large the marked lesions are."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ultraseg import pixels
from ultraseg.audit._extent import Extent
from ultraseg.audit._finding import Box, Finding, counted
from ultraseg.audit._header import size_of
from ultraseg.samples import Runs, Sample

SPECK = 0.05
"""Share of the largest component below which another one is a speck and no second lesion."""
SILENT = ("", "unlabelled")
"""Labels that say nothing about the mask."""
MODES = {"1": "1 bit", "P": "a palette", "RGB": "colour", "RGBA": "colour and alpha", "LA": "grey and alpha"}


def inspect_masks(sample: Sample, *, clear: Sequence[str] = ("normal",)) -> list[Finding]:
    """Look at the masks of one sample, as their files hold them.

    Args:
        sample: whose masks to look at.
        clear: the labels of images that show no lesion; none: no label says anything about its mask.

    Returns:
        Findings of the kinds `several masks`, `broken mask`, `other size`, `odd mode`, `odd values`, `empty mask`,
        `marked although clear`, `specks`, `holes` and `lesion on the border`; empty when nothing is odd. What is
        wrong with the image itself is left to `inspect_image`.
    """
    shape = size_of(sample.image)
    found, parts = [], []
    if len(sample.masks) > 1 and not sample.structures:
        found.append(Finding(sample.id, "several masks", f"{len(sample.masks)} masks, united", len(sample.masks)))
    for mask in sample.masks:
        own = (size_of(mask) if isinstance(mask, Path) else mask and mask.shape) or shape
        if own and shape and own != shape:
            text = f"{_name(mask)} is {own[1]}x{own[0]} pixels, its image {shape[1]}x{shape[0]}"
            found.append(Finding(sample.id, "other size", text))
        try:
            part = pixels.read_mask((mask,), own or (1, 1))
            odd = _in_file(sample, mask) if isinstance(mask, Path) else []
        except (ValueError, OSError) as error:
            found.append(Finding(sample.id, "broken mask", str(error)))
        else:
            found += odd
            parts.append(part)
    alike = len({part.shape for part in parts}) <= 1
    if sample.structures or not alike:
        return found + [finding for part in parts for finding in _in_shape(sample, part)]
    union = np.maximum.reduce(parts) if parts else np.zeros((1, 1), np.uint8)
    if len(parts) == len(sample.masks):
        found += _against_label(sample, union, clear)
    return found + _in_shape(sample, union)


def extents(samples: Iterable[Sample]) -> list[Extent]:
    """Measure the marked lesions of a data set.

    Args:
        samples: what to measure; those that cannot be read are findings of the audit and are left out here.

    Returns:
        One extent per sample that can be read, in their order, of the part of its picture that counts.
    """
    found = []
    for sample in samples:
        try:
            mask = pixels.read(sample, 1)[1]
        except (ValueError, OSError):  # inspect_masks and inspect_image say why
            continue
        marked = mask.max(axis=-1) if mask.ndim == 3 else mask
        components = cv2.connectedComponents(marked, connectivity=8)[0] - 1
        box = _box(marked) if components else None
        found.append(Extent(sample.id, sample.label, float(marked.mean()), components, box, *marked.shape))
    return found


def _in_file(sample: Sample, path: Path) -> list[Finding]:
    """What is odd in the way in which a mask is stored."""
    if path.suffix.lower() == ".dcm":
        return []
    with Image.open(path) as file:
        mode = file.mode
        values = np.asarray(file.convert("RGB") if mode == "P" else file)
    found = []
    if mode in MODES:
        found.append(Finding(sample.id, "odd mode", f"{_name(path)} is stored as {MODES[mode]}"))
    if values.ndim == 3:
        colours = values[..., :3] if values.shape[-1] >= 3 else values[..., :1]
        values = colours.astype(np.int64) @ 256 ** np.arange(colours.shape[-1])
    count = len(np.unique(values))
    if count > 2:
        found.append(Finding(sample.id, "odd values", f"{_name(path)} has {count} values where two are wanted", count))
    return found


def _against_label(sample: Sample, union: np.ndarray, clear: Sequence[str]) -> list[Finding]:
    """Whether a mask says what the label says."""
    if not clear or sample.label in SILENT:
        return []
    if sample.label in clear and union.any():
        text = f"{counted(int(union.sum()), 'pixel')} marked although the label is {sample.label!r}"
        return [Finding(sample.id, "marked although clear", text, int(union.sum()))]
    if sample.label not in clear and not union.any():
        return [Finding(sample.id, "empty mask", f"nothing marked although the label is {sample.label!r}")]
    return []


def _in_shape(sample: Sample, mask: np.ndarray) -> list[Finding]:
    """What is odd in what a mask marks."""
    if not mask.any():
        return []
    found = []
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    specks = [tuple(int(n) for n in stats[1 + k, [1, 0, 3, 2]]) for k in np.flatnonzero(areas < SPECK * areas.max())]
    if specks:
        size = int(sum(areas[areas < SPECK * areas.max()]))
        text = f"{counted(len(specks), 'speck')} of {counted(size, 'pixel')} in all"
        found.append(Finding(sample.id, "specks", text, len(specks), tuple(specks)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.pad(1 - mask, 1, constant_values=1), connectivity=4)
    holes = [tuple(int(n) for n in hole[[1, 0, 3, 2]] - [1, 1, 0, 0]) for hole in stats[2:]]  # 1 is the outside
    if holes:
        size = int(stats[2:, cv2.CC_STAT_AREA].sum())
        text = f"{counted(len(holes), 'hole')} of {counted(size, 'pixel')} in all"
        found.append(Finding(sample.id, "holes", text, size, tuple(holes)))
    edge = np.ones_like(mask)
    edge[1:-1, 1:-1] = 0
    touching = int((mask & edge).sum())
    if touching:
        text = f"the lesion meets the border along {counted(touching, 'pixel')}"
        found.append(Finding(sample.id, "lesion on the border", text, touching))
    return found


def _box(mask: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def _name(mask: Path | Runs) -> str:
    return mask.name if isinstance(mask, Path) else f"{mask.table.name}, line {mask.line},"
