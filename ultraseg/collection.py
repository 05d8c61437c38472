"""A data set ready for use: its samples, the copies of each scan together, and the manifest that names them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from scipy.cluster.hierarchy import DisjointSet

from ultraseg import audit, catalogue, pixels
from ultraseg import samples as manifests
from ultraseg.samples import SYNTHETIC, Faulty, Row, Runs, Sample

FORM = 1
"""Raised by hand when equal files are to be read, compared or grouped anew."""
MANIFESTS = Path(__file__).parents[1] / "data"
"""Where the committed manifests lie, in the project's folder whatever folder a command is given in."""
WORKERS = 2

Known = dict[tuple[str, str], Row]
"""What manifests say of images, by the hashes of image and mask, and of image alone."""
Watch = Callable[[Iterator[Any], int, str], Iterator[Any]]
"""Wraps what takes long: given the work, how much there is and its name, it yields the work."""


def unwatched(work: Iterator[Any], total: int, what: str) -> Iterator[Any]:
    """Yield the work as it is."""
    return work


@dataclass(frozen=True)
class Collection:
    """Samples with their manifest rows, in one order, and the fingerprint of the whole."""

    samples: tuple[Sample, ...]
    rows: tuple[Row, ...]
    fingerprint: str

    @property
    def source(self) -> str:
        return " and ".join(dict.fromkeys(sample.source for sample in self.samples))


def collect(
    spec: Any,
    *,
    root: Path,
    cache: Path,
    manifests_in: Path | None = MANIFESTS,
    watch: Watch = unwatched,
) -> Collection:
    """Read a data set's file names, and its pixels once for the manifest.

    Args:
        spec: a data set as a study names it.
        root: the folder that holds it, or one above it that holds a folder of its reader's name.
        cache: where the manifest is kept until a file changes its size or time.
        manifests_in: a folder of manifests, whose scans hold for the images that they name; None: there are none.
        watch: shows progress.

    Returns:
        The collection. Copies of one scan share a group: those of a committed manifest, and where an image stands in
        none, those that `audit.duplicates` finds; exact copies always.

    Raises:
        Faulty: the folder is not that data set, or files in it are broken; all are named.
        ValueError: the data set's options are wrong.
    """
    samples = catalogue.bind("datasets", spec)(manifests.place(root, catalogue.split("datasets", spec)[0]))
    known = _known(samples, manifests_in)
    kept = cache / "manifests" / f"{_stamp(samples, known)}.csv"
    if kept.is_file():
        rows = manifests.read_manifest(kept)
    else:
        rows = _examined(root, samples, known, watch)
        manifests.write_manifest(kept, rows)
    return Collection(tuple(map(_filled, samples, rows)), tuple(rows), manifests.fingerprint(rows))


def twins(samples: Sequence[Sample], *, watch: Watch = unwatched) -> list[audit.Pair]:
    """Find the pairs of images that show one scan.

    Args:
        samples: whose images can be read.
        watch: as `collect` has it.

    Returns:
        As `audit.duplicates`; its names are the samples' ids.
    """
    return audit.duplicates(
        lambda index: pixels.read_image(samples[index].image, 3, frame=samples[index].frame),
        [sample.id for sample in samples],
        hashes=[_digest(sample) for sample in samples],
        workers=WORKERS,
        watch=watch,
    )


def together(
    samples: Sequence[Sample],
    pairs: Sequence[audit.Pair],
    clashes: Sequence[audit.Contradiction] = (),
    *,
    known: Sequence[tuple[str, str, str]] = (),
) -> list[Sample]:
    """Give the copies of each scan one scan and one group, and mark those that contradict each other.

    Args:
        samples: in their order, of which the first names its scan and its group.
        pairs: copies among them. Frames of one sweep share a group, but each is a scan of its own.
        clashes: contradictions among the pairs.
        known: for each sample a name that it shares with the other images of its scan, one that it shares with those
            of its group, and in what it is contradicted; empty words where that is not known.

    Returns:
        The samples with `scan`, `group` and `contradicted` filled in; samples that shared a group still do.
    """
    at = {sample.id: index for index, sample in enumerate(samples)}
    scans = [(f"scan {scan}", index) for index, (scan, _, _) in enumerate(known) if scan]
    groups = [(f"group {group}", index) for index, (_, group, _) in enumerate(known) if group]
    groups += [(f"own {sample.group}", index) for index, sample in enumerate(samples)]
    marks = [set(mark.split()) for _, _, mark in known] or [set() for _ in samples]
    for number, pair in enumerate(pairs):
        (groups if pair.kind == audit.ADJACENT else scans).extend(
            (f"pair {number}", at[end]) for end in (pair.a, pair.b)
        )
    for clash in clashes:
        for end in (clash.a, clash.b):
            marks[at[end]] |= set(clash.over)
    of_scan = _united(len(samples), scans)
    of_group = _united(len(samples), [*groups, *((f"of {scan}", index) for index, scan in enumerate(of_scan))])
    return [
        replace(sample, scan=samples[scan].id, group=samples[group].group, contradicted=" ".join(sorted(mark)))
        for sample, scan, group, mark in zip(samples, of_scan, of_group, marks, strict=True)
    ]


def _filled(sample: Sample, row: Row) -> Sample:
    """A sample with what its pixels told."""
    lesion = float(row.lesion)
    return replace(sample, group=row.group, scan=row.scan, contradicted=row.contradicted, lesion=lesion)


def _examined(root: Path, samples: Sequence[Sample], known: Known, watch: Watch) -> list[Row]:
    """Read every sample once, name all that is broken, and put the copies of each scan together."""
    found = _hashed(root, samples, watch)
    rows = [known.get((image, mask)) or known.get((image, "")) for image, mask, _ in found]
    pairs = twins(samples, watch=watch) if None in rows and samples[0].source != SYNTHETIC else []
    clashes = audit.contradictions(samples, pairs)
    named = [
        (row.scan, row.group, row.contradicted) if row else (image, "", "")
        for row, (image, _, _) in zip(rows, found, strict=True)
    ]
    return [
        Row(s.id, image, mask, s.label, s.group, s.scan, s.contradicted, f"{lesion:.6f}")
        for s, (image, mask, lesion) in zip(together(samples, pairs, clashes, known=named), found, strict=True)
    ]


def _hashed(root: Path, samples: Sequence[Sample], watch: Watch) -> list[tuple[str, str, float]]:
    """Hashes of every image and mask, and the share of the image that is lesion.

    Raises:
        Faulty: files are broken; all are named.
    """

    def look(sample):
        try:
            image, mask = pixels.read(sample, 3)
        except (ValueError, OSError) as error:
            return f"{error}"
        marked = mask.any(axis=2) if mask.ndim == 3 else mask
        return manifests.digest(image), manifests.digest(mask), float(marked.mean())

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(watch(pool.map(look, samples), len(samples), "reading"))
    broken = [told for told in found if isinstance(told, str)]
    if broken:
        raise Faulty(root, broken, [s for s, told in zip(samples, found, strict=True) if not isinstance(told, str)])
    return found


def _united(count: int, same: Iterable[tuple[Any, int]]) -> list[int]:
    """For each of `count` things the first of those that are one with it; things that share a name are one."""
    sets, first = DisjointSet(range(count)), {}
    for name, index in same:
        sets.merge(first.setdefault(name, index), index)
    lowest = {sets[index]: index for index in reversed(range(count))}
    return [lowest[sets[index]] for index in range(count)]


def _digest(sample: Sample) -> str:
    """SHA-256 of an image's file, and which picture of it is meant."""
    with sample.image.open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {sample.frame}"


def _known(samples: Sequence[Sample], folder: Path | None) -> Known:
    """The rows of the manifests of the samples' sources."""
    sources = sorted({sample.source for sample in samples}) if folder else []
    paths = [path for source in sources if (path := folder / f"{source.lower()}.csv").is_file()]
    rows = sorted((row for path in paths for row in manifests.read_manifest(path)), key=astuple)
    return {key: row for row in rows for key in ((row.sha256, ""), (row.sha256, row.mask_sha256))}


def _stamp(samples: Sequence[Sample], known: Known) -> str:
    """Name the state of the files on disk, without reading them, and what is known of them."""
    total = hashlib.sha256(f"{FORM} {[*known.items()]}".encode())
    for sample in samples:
        total.update(repr(replace(sample, image=Path())).encode())
        masks = (part.table if isinstance(part, Runs) else part for part in sample.masks if part)
        for path in dict.fromkeys((sample.image, *masks)):
            state = path.stat()
            total.update(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode())
    return total.hexdigest()[:24]
