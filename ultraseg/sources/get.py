"""The way of a data set onto this machine: fetched, checked, unpacked, and all or nothing."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ultraseg import atomic
from ultraseg.sources import _published
from ultraseg.sources._arrival import Watch, bring, unwatched
from ultraseg.sources._place import Entry, Place
from ultraseg.sources._source import Download, Source
from ultraseg.unpacking import is_archive, unpack


@dataclass(frozen=True)
class Fetched:
    """A data set that is here: what its reader is given, the receipt, and whether it came now."""

    source: Source
    root: Path
    entries: tuple[Entry, ...]
    fresh: bool


def get(
    name: str, folder: Path | str = Path("data/raw"), *, watch: Watch = unwatched, timeout: float = 30.0
) -> Fetched:
    """Fetch a data set, check it, unpack it into `FOLDER/NAME/files`, and keep a receipt of what came.

    A run that was cut goes on: what was downloaded is kept in `FOLDER/NAME/downloads` until all is unpacked, and a
    file put there by hand under the name of a part is taken for it. Of a data set that only a person can fetch every
    archive in there is unpacked. A file with a published checksum is compared with it, any other with the receipt of
    an earlier time; the first time there is nothing to compare it with, and `Entry.compared` says so.

    Args:
        name: of the data set's reader.
        folder: where data sets lie, each in a folder of its own.
        watch: shows progress.
        timeout: seconds without a word from a server that was reached; it must be reached within five.

    Returns:
        Where it is. A data set that is here already is left as it is and nothing is fetched.

    Raises:
        ValueError: no such data set; one that must be fetched by hand; another run that fetches it; a checksum that
            is not the stated one, after the file was removed; an archive with an entry that is refused; credentials
            that are missing.
        OSError: a server that cannot be reached, or a full disk.
    """
    source = _published.find(name)
    place = Place(Path(folder) / name)
    receipt = place.entries()
    root = place.root()
    if root is not None:
        return Fetched(source, root, receipt, False)
    place.downloads.mkdir(parents=True, exist_ok=True)
    with _alone(source, place):
        entries = _fetch(source, place, receipt, watch, timeout)
    return Fetched(source, place.files, entries, True)


@contextmanager
def _alone(source: Source, place: Place) -> Iterator[None]:
    """Let one run at a time fetch a data set; the system frees the lock when a run dies."""
    with (place.folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"{source.name}: another run is fetching it into {place.folder}; wait for it") from None
        yield


def _fetch(source: Source, place: Place, receipt: tuple[Entry, ...], watch: Watch, timeout: float) -> tuple[Entry, ...]:
    """Fetch every part, unpack all of them into one folder, rename it last; return the receipt."""
    for left in place.folder.glob(".files.*"):  # of a run that was killed
        shutil.rmtree(left)
    parts = source.parts or _by_hand(source, place)
    come = [bring(source, part, place.downloads, receipt, watch=watch, timeout=timeout) for part in parts]
    with atomic.folder(place.files) as unpacked:
        for part, (path, _) in zip(parts, come, strict=True):
            target = unpacked / part.into
            if path.is_dir():
                _link(path, target, watch)
            else:
                unpack(path, target, watch=watch)
        entries = tuple(entry for _, entry in come)
        place.write(source, entries)
    for part in source.parts:  # what a person had to ask for is kept
        (place.downloads / part.file).unlink(missing_ok=True)
    if not any(place.downloads.iterdir()):
        place.downloads.rmdir()
    return entries


def _by_hand(source: Source, place: Place) -> tuple[Download, ...]:
    """The archives that somebody put into `downloads`."""
    found = sorted(path.name for path in place.downloads.iterdir() if is_archive(path.name))
    if not found:
        raise ValueError(
            f"{source.name}: {source.title} must be fetched by hand. {source.by_hand} It is at {source.home}; licence: "
            f"{source.licence}. Put the archive into {place.downloads} and give the same command again, or unpack it "
            f"into {place.files} yourself."
        )
    return tuple(Download(source.home, name) for name in found)


def _link(path: Path, target: Path, watch: Watch) -> None:
    """Take over a folder of the client's cache without a second copy of its bytes where the file system can."""
    files = sorted(file for file in path.rglob("*") if file.is_symlink() or not file.is_dir())
    for file in watch(iter(files), len(files), f"taking over {path.name}"):
        if file.is_symlink():
            raise ValueError(f"{file}: a link, and a data set needs none; remove it")
        there = target / file.relative_to(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, there)
        except OSError:  # another file system
            shutil.copyfile(file, there)
