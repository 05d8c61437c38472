"""Samples and their manifest: which image and masks exist, their label, and what must stay together."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from scipy.cluster.hierarchy import DisjointSet

from ultraseg import atomic

COLUMNS = ("id", "sha256", "label", "group")


@dataclass(frozen=True)
class Sample:
    """Where one image lives and what is known about it. No pixels.

    `group` names what must stay on one side of a split: the patient where the data set says, otherwise
    the set of exact copies. `masks` are united; none means that the image holds no lesion. `source` is
    the data set's name as titles print it. `pitch_mm` is None where the source gives no pixel size, and
    then distances are in pixels.
    """

    id: str
    image: Path
    masks: tuple[Path, ...]
    label: str
    group: str
    source: str
    pitch_mm: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """One line of a manifest: a sample's identity without its place on disk."""

    id: str
    sha256: str
    label: str
    group: str


def digest(image, mask) -> str:
    """SHA-256 of an image's pixels and its mask's, hexadecimal; what the file's bytes are does not matter.

    Args:
        image: `[height, width, channels]` uint8.
        mask: `[height, width]` uint8 in {0, 1}.
    """
    return _hash(image, mask)


def group_copies(
    samples: Sequence[Sample], pixels: Callable[[Sample], tuple], *, workers: int = 2
) -> tuple[list[Sample], list[Row]]:
    """Read every sample once, and put exact copies of one image into one group.

    Args:
        samples: what to read.
        pixels: gives a sample's image and mask, as `digest` wants them.
        workers: threads that read at the same time.

    Returns:
        The samples, groups that share a copy merged under the name of the first, and one manifest row each.
    """

    def fingerprints(sample):
        image, mask = pixels(sample)
        return _hash(image), digest(image, mask)

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(fingerprints, samples))
    groups = DisjointSet(sample.group for sample in samples)
    first: dict[str, str] = {}
    for sample, (image, _) in zip(samples, found, strict=True):
        groups.merge(first.setdefault(image, sample.group), sample.group)
    named: dict[str, str] = {}
    for sample in samples:
        named.setdefault(groups[sample.group], sample.group)
    grouped = [replace(sample, group=named[groups[sample.group]]) for sample in samples]
    rows = [Row(s.id, both, s.label, s.group) for s, (_, both) in zip(grouped, found, strict=True)]
    return grouped, rows


def fingerprint(rows: Iterable[Row]) -> str:
    """SHA-256 over the rows of a manifest, hexadecimal: equal on every machine that has the same pixels."""
    return hashlib.sha256(_text(rows).encode()).hexdigest()


def write_manifest(path: Path, rows: Iterable[Row]) -> None:
    """Write a manifest as CSV, whole or not at all."""
    atomic.text(path, _text(rows))


def read_manifest(path: Path) -> list[Row]:
    """Read a manifest.

    Raises:
        ValueError: the columns are not those of a manifest, a line has more or fewer, or an id stands in it twice.
        OSError: the file cannot be read.
    """
    with Path(path).open(newline="", encoding="utf-8") as lines:
        header, *table = list(csv.reader(lines)) or [[]]
    if tuple(header) != COLUMNS:
        raise ValueError(f"{path}: a manifest has the columns {', '.join(COLUMNS)}, got {header}")
    for number, line in enumerate(table, start=2):
        if len(line) != len(COLUMNS):
            raise ValueError(f"{path}: line {number} of this manifest is damaged; restore the file")
    rows = [Row(*line) for line in table]
    if len({row.id for row in rows}) < len(rows):
        raise ValueError(f"{path}: an id stands in this manifest twice")
    return rows


def verify(rows: Sequence[Row], expected: Sequence[Row]) -> list[str]:
    """Compare a folder's manifest with the expected one.

    Returns:
        One phrase for each row that is missing, additional or different; empty when they agree.
    """
    have, want = {row.id: row for row in rows}, {row.id: row for row in expected}
    return (
        [f"{name} is missing" for name in want if name not in have]
        + [f"{name} is not in the manifest" for name in have if name not in want]
        + [f"{name} differs" for name in want if name in have and have[name] != want[name]]
    )


def _hash(*arrays) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(repr(array.shape).encode())
        total.update(array.tobytes())
    return total.hexdigest()


def _text(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row.id, row.sha256, row.label, row.group) for row in rows)
    return out.getvalue()
