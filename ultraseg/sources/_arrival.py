"""One part of a data set on its way here: fetched, or found, and compared with what is known of it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ultraseg.sources._download import download
from ultraseg.sources._kaggle import kaggle
from ultraseg.sources._place import Entry
from ultraseg.sources._source import Download, Kaggle, Source

Watch = Callable[[Iterator[Any], int, str], Iterator[Any]]
"""Wraps what takes long: given the work, how much there is (0 where nobody knows) and its name, it yields the work."""
SPELT = {"md5": "MD5", "sha256": "SHA-256"}


def unwatched(work: Iterator[Any], total: int, what: str) -> Iterator[Any]:
    """Yield the work as it is."""
    return work


def bring(
    source: Source,
    part: Download | Kaggle,
    downloads: Path,
    receipt: tuple[Entry, ...],
    *,
    watch: Watch,
    timeout: float,
) -> tuple[Path, Entry]:
    """Bring one part here, and compare it with the stated checksum, or with an earlier receipt.

    Args:
        source: the data set.
        part: one of its parts.
        downloads: where files are kept; one that is there under the part's name is taken for it.
        receipt: of an earlier time; empty without one.
        watch: shows progress.
        timeout: as `get` has it.

    Returns:
        The file, or the folder that Kaggle's client made, and its line for the receipt.

    Raises:
        ValueError: it is not what was stated or what came earlier; a file is removed then.
        OSError: it cannot be fetched.
    """
    path = downloads / part.file
    if not path.is_file():
        if isinstance(part, Kaggle):
            path = kaggle(source.name, part, path, advice=source.by_hand)
        else:
            download(source.name, part.url, path, advice=source.by_hand, watch=watch, timeout=timeout)
    size, digest = _measure(path, watch)
    name = part.handle if isinstance(part, Kaggle) and path.is_dir() else part.file
    entry = Entry(name, part.url, size, digest, "", datetime.now(UTC).date().isoformat())
    if isinstance(part, Download) and part.digest:
        return path, replace(entry, compared=_as_stated(source, part, path, digest))
    return path, replace(entry, compared=_as_before(source, entry, path, receipt))


def _as_stated(source: Source, part: Download, path: Path, digest: str) -> str:
    algorithm, _, wanted = part.digest.partition(":")
    found = digest if algorithm == "sha256" else _hash(path, algorithm)
    if found != wanted:
        path.unlink()
        raise ValueError(
            f"{source.name}: {path} is not the file at {part.url}: {SPELT[algorithm]} must be {wanted} (stated by "
            f"{part.stated_by}), got {found}; it was removed, give the same command again"
        )
    return f"equal to the {SPELT[algorithm]} stated by {part.stated_by}"


def _as_before(source: Source, entry: Entry, path: Path, receipt: tuple[Entry, ...]) -> str:
    earlier = next((known for known in receipt if known.file == entry.file), None)
    if earlier is None:
        return "compared with nothing: nobody states a checksum of it, so this one is kept"
    if earlier.sha256 == entry.sha256:
        return f"equal to what came on {earlier.fetched}"
    removed = ""
    if path.is_file():
        path.unlink()
        removed = "; it was removed"
    raise ValueError(
        f"{source.name}: {path} is not what came from {entry.url} on {earlier.fetched}: SHA-256 was {earlier.sha256}, "
        f"got {entry.sha256}{removed}; remove the receipt.json beside it to take what is there now"
    )


def _measure(path: Path, watch: Watch) -> tuple[int, str]:
    """Bytes and SHA-256 of a file; of a folder those of all its files, and of the list of their names and SHA-256."""
    if path.is_file():
        return path.stat().st_size, _hash(path, "sha256")
    files = sorted(file for file in path.rglob("*") if file.is_file())
    whole = hashlib.sha256()
    for file in watch(iter(files), len(files), f"checking {path.name}"):
        whole.update(f"{file.relative_to(path).as_posix()}\0{_hash(file, 'sha256')}\n".encode())
    return sum(file.stat().st_size for file in files), whole.hexdigest()


def _hash(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
