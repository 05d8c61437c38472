"""Samples and their manifest: which image and masks exist, their label, and what must stay together."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from ultraseg import atomic

COLUMNS = ("id", "sha256", "mask_sha256", "label", "group", "scan", "contradicted", "lesion")
SYNTHETIC = "phantom (synthetic)"
"""The source of samples that were drawn: no two of them show one scan."""
LONGEST = 150
"""Bytes of an id, after which pictures of predictions are named."""


@dataclass(frozen=True)
class Runs:
    """A mask written in a table as runs of pixels: `start length start length ...`, counted from 1 along the rows.

    `table` and `line` say where it stands, `shape` is the height and width of its image.
    """

    table: Path
    line: int
    text: str
    shape: tuple[int, int]


@dataclass(frozen=True)
class Sample:
    """Where one image lives and what is known about it. No pixels.

    `group` names what must stay on one side of a split: the patient where the data set says, and every copy of one
    scan with it. `masks` are united, none meaning that the image holds no lesion; where `structures` names several,
    there is one mask for each, None where an image does not show it. `source` is the data set's name as titles print
    it. `pitch_mm` is a pixel's height and width, None where the source gives none, and then distances are in pixels.
    `frame` numbers a picture within its file from 0. `box` is the part of the picture that counts: top, left, height
    and width in pixels. `margin` cuts image and masks to the masks' bounding box, widened on each side by that share
    of its height and width.

    What only the pixels tell is filled in by `collection.collect`: `scan` names the images that are copies of one
    scan, `lesion` is the share of the image that its masks cover, and `contradicted` says in which of `label` and
    `mask` the copies of a scan disagree.
    """

    id: str
    image: Path
    masks: tuple[Path | Runs | None, ...]
    label: str
    group: str
    source: str
    pitch_mm: tuple[float, float] | None = None
    structures: tuple[str, ...] = ()
    frame: int | None = None
    box: tuple[int, int, int, int] | None = None
    margin: float | None = None
    scan: str = ""
    lesion: float | None = None
    contradicted: str = ""

    @property
    def measured_as(self) -> tuple[str, ...]:
        """The ids of its rows in tables: its own, or `ID_STRUCTURE` for each of its structures."""
        return tuple(f"{self.id}_{structure}" for structure in self.structures) or (self.id,)


class Faulty(ValueError):
    """A folder is not the data set that it should be; everything that is wrong is named at once.

    Attributes:
        faults: one sentence for each, with the file's name.
        samples: what can be read all the same.
    """

    def __init__(self, root: Path, faults: Sequence[str], samples: Sequence[Sample]):
        self.faults, self.samples = tuple(faults), tuple(samples)
        whole = faults[0] if len(faults) == 1 else f"{root}: {len(faults)} faults\n  " + "\n  ".join(faults)
        super().__init__(whole)


@dataclass(frozen=True)
class Row:
    """One line of a manifest: a sample's identity without its place on disk.

    `sha256` is of the image's pixels, `mask_sha256` of its masks', `lesion` the share that they cover, six decimals.
    """

    id: str
    sha256: str
    mask_sha256: str
    label: str
    group: str
    scan: str
    contradicted: str
    lesion: str


def place(root: Path | str, reader: str) -> Path:
    """Find a data set where several lie side by side: the folder of its reader's name, or the root without one."""
    inside = Path(root) / reader
    return inside if inside.is_dir() else Path(root)


def digest(array) -> str:
    """SHA-256 of pixels and their shape, hexadecimal; what the file's bytes are does not matter."""
    total = hashlib.sha256(repr(array.shape).encode())
    total.update(array.tobytes())
    return total.hexdigest()


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


def _text(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return out.getvalue()
