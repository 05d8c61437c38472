"""A data set ready for use: its samples, exact copies grouped, and the manifest that names them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ultraseg import catalogue, pixels
from ultraseg import samples as manifests
from ultraseg.samples import Row, Sample


@dataclass(frozen=True)
class Collection:
    """Samples with their manifest rows, in one order, and the fingerprint of the whole."""

    samples: tuple[Sample, ...]
    rows: tuple[Row, ...]
    fingerprint: str

    @property
    def source(self) -> str:
        return self.samples[0].source


def collect(spec: Any, *, root: Path, cache: Path) -> Collection:
    """Read a data set's file names, and its pixels once for the manifest.

    Args:
        spec: a data set as a study names it.
        root: the folder that holds it.
        cache: where the manifest is kept until a file changes its size or time.

    Returns:
        The collection; samples whose images are equal pixel by pixel share a group.

    Raises:
        ValueError: the folder is not that data set, or a file in it is broken; the message names it.
    """
    samples = catalogue.bind("datasets", spec)(root)
    kept = cache / "manifests" / f"{_stamp(samples)}.csv"
    if kept.is_file():
        rows = manifests.read_manifest(kept)
        samples = [replace(sample, group=row.group) for sample, row in zip(samples, rows, strict=True)]
    else:
        samples, rows = manifests.group_copies(samples, _read)
        manifests.write_manifest(kept, rows)
    return Collection(tuple(samples), tuple(rows), manifests.fingerprint(rows))


def _read(sample: Sample) -> tuple[Any, Any]:
    image = pixels.read_image(sample.image, 3)
    return image, pixels.read_mask(sample.masks, image.shape[:2])


def _stamp(samples: Sequence[Sample]) -> str:
    """Name the state of the files on disk, without reading them."""
    total = hashlib.sha256()
    for sample in samples:
        total.update(f"{sample.id} {sample.label} {sample.group}".encode())
        for path in (sample.image, *sample.masks):
            state = path.stat()
            total.update(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode())
    return total.hexdigest()[:24]
