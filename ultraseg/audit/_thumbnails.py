"""Small pictures for an audit's page: the mask outlined, what a finding speaks of boxed; named by number, so safely."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ultraseg import pixels
from ultraseg.audit._finding import Finding
from ultraseg.samples import Sample

SIDE = 240
"""Pixels of a thumbnail's longer side."""
GREYS = 64
"""Greys of a grey picture's thumbnail, whose file is then a quarter as large."""
PAIRS, FINDINGS = 1000, 24
"""How many pairs the page shows, and how many findings of each kind."""
OUTLINE, BOX = (230, 159, 0), (86, 180, 233)
WORKERS = 2


@dataclass(frozen=True)
class Shown:
    """What the page shows: pairs (those that contradict each other first), findings by kind, and their pictures.

    `files` has the name of a picture by (id, kind of finding, "" for the plain one); what could not be read has none.
    """

    pairs: tuple[Any, ...]
    findings: dict[str, tuple[Finding, ...]]
    files: dict[tuple[str, str], str]


def thumbnails(audit: Any, folder: Path) -> Shown:
    """Choose what is shown, and draw it.

    Args:
        audit: the audit.
        folder: where the pictures go.

    Returns:
        What is shown, with the names of the pictures that were written.
    """
    clashing = {(clash.a, clash.b) for clash in audit.contradictions}
    pairs = sorted(audit.pairs, key=lambda pair: (pair.a, pair.b) not in clashing)[:PAIRS]
    kinds: dict[str, list[Finding]] = {}
    for finding in audit.findings:
        kinds.setdefault(finding.kind, []).append(finding)
    findings = {kind: tuple(own[:FINDINGS]) for kind, own in kinds.items()}
    samples = {sample.id: (number, sample) for number, sample in enumerate(audit.samples, start=1)}
    wanted: dict[tuple[str, str], Finding | None] = {(end, ""): None for pair in pairs for end in (pair.a, pair.b)}
    for own in findings.values():
        wanted |= {(finding.id, finding.kind if finding.boxes else ""): finding for finding in own}
    order = [(key, finding) for key, finding in wanted.items() if key[0] in samples]

    def draw(item: tuple[tuple[str, str], Finding | None]) -> str:
        (name, kind), finding = item
        number, sample = samples[name]
        picture = _picture(sample, finding.boxes if finding else ())
        if picture is None:
            return ""
        file = f"{number:05d}{'-' if kind else ''}{kind.replace(' ', '-')}.png"
        picture.save(folder / file)
        return file

    with ThreadPoolExecutor(WORKERS) as pool:
        files = {key: file for (key, _), file in zip(order, pool.map(draw, order), strict=True) if file}
    return Shown(tuple(pairs), findings, files)


def _picture(sample: Sample, boxes: tuple[tuple[int, int, int, int], ...]) -> Image.Image | None:
    """A thumbnail; None where the image cannot be read."""
    try:
        image = pixels.read_image(sample.image, 3, frame=sample.frame)
    except (ValueError, OSError):  # a finding says why
        return None
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    lines = np.zeros(small.shape[:2], np.uint8)
    for outline in _outlines(sample, (height, width), size):
        cv2.polylines(lines, [outline], True, 1)
    for top, left, tall, wide in boxes:
        start = round(left * scale) - 2, round(top * scale) - 2
        cv2.rectangle(lines, start, (round((left + wide) * scale) + 1, round((top + tall) * scale) + 1), 2)
    if (small == small[..., :1]).all():
        return _in_greys(small[..., 0], lines)
    small[lines == 1], small[lines == 2] = OUTLINE, BOX
    return Image.fromarray(small)


def _in_greys(grey: np.ndarray, lines: np.ndarray) -> Image.Image:
    """A picture of `GREYS` greys and the colours of the lines."""
    shades = [round(255 * place / (GREYS - 1)) for place in range(GREYS)]
    steps = np.rint(grey * ((GREYS - 1) / 255)).astype(np.uint8)
    small = Image.fromarray(np.where(lines > 0, GREYS - 1 + lines, steps))
    small.putpalette([level for shade in shades for level in [shade] * 3] + [*OUTLINE, *BOX])
    return small


def _outlines(sample: Sample, shape: tuple[int, int], size: tuple[int, int]) -> Iterator[np.ndarray]:
    """The outlines of a sample's mask at a thumbnail's size; none where it cannot be read, as a finding says."""
    try:
        mask = pixels.read_mask(sample.masks, shape)
    except (ValueError, OSError):
        return
    small = cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    yield from cv2.findContours((small > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]
