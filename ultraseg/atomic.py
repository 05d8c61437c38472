"""Files and folders that are whole or absent: written beside their final name, then renamed.

What cannot be written is named as the caller named it, and folders that were made for it are taken away again.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def file(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the same folder; rename it to `path` if the block succeeds.

    Args:
        path: the final name; its folder is made when missing, an older file is replaced.

    Yields:
        A path that does not exist yet and keeps `path`'s suffix, to be written by the block.

    Raises:
        OSError: the folder cannot be written or the disk is full. The temporary file is removed.
    """
    path = Path(path)
    with _named(path), _parents(path), tempfile.TemporaryDirectory(prefix=_prefix(path), dir=path.parent) as nest:
        temporary = Path(nest) / path.name
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)


@contextmanager
def folder(path: Path | str) -> Iterator[Path]:
    """Yield an empty temporary folder beside `path`; rename it to `path` if the block succeeds.

    Args:
        path: the final name, which must not exist when the block ends.

    Yields:
        The temporary folder. When the block fails it is removed with all that it holds.

    Raises:
        OSError: `path` exists already, the parent cannot be written or the disk is full.
    """
    path = Path(path)
    with _named(path), _parents(path):
        temporary = Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))
        try:
            temporary.chmod(0o755)
            yield temporary
            if path.exists():  # an empty folder would be replaced in silence
                raise FileExistsError(errno.EEXIST, "exists already; remove it or choose another name", str(path))
            temporary.rename(path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def refuse_unwritable(path: Path | str) -> None:
    """Refuse a name at which nothing can be written, before long work is done for it; leaves nothing behind.

    Raises:
        OSError: the nearest folder above it that exists cannot be written.
    """
    path = Path(path)
    above = next(folder for folder in path.absolute().parents if folder.exists())
    with _named(path), tempfile.TemporaryDirectory(prefix=_prefix(path), dir=above):
        pass


def again(source: Path, path: Path) -> None:
    """Give what a file holds a second name, which goes on holding it when the first is replaced.

    Args:
        source: the file; it must be replaced whole from now on, never written into.
        path: the second name, in the same folder; an older file is replaced. Where the file system has no hard links
            it becomes a copy.

    Raises:
        OSError: the folder cannot be written or the disk is full.
    """
    with file(path) as temporary:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)


def text(path: Path | str, content: str) -> None:
    """Write `content` to `path` in UTF-8, whole or not at all."""
    with file(path) as temporary:
        temporary.write_text(content, encoding="utf-8")


def _prefix(path: Path) -> str:
    return f".{path.name}."


@contextmanager
def _parents(path: Path) -> Iterator[None]:
    """Make the folders above a path; those that were made are taken away if nothing is there after the block."""
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name `path` in an error that names what is written beside it, which nobody has heard of."""
    try:
        yield
    except OSError as error:
        if any(part.startswith(_prefix(path)) for part in Path(str(error.filename or "")).parts):
            error.filename = str(path)
        raise
