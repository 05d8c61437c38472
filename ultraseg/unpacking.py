"""Archives taken apart without trust: no entry lands outside the folder, and none is larger than was said.

Source: what Python's `zipfile` and `tarfile` warn of in their documentation, and Fifield, A better zip bomb, 2019.
Departure: links are refused altogether, because a data set needs none; times, owners and permissions are dropped.
"""

import errno
import gzip
import lzma
import os
import re
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
FOREIGN = (".7z", ".rar", ".tar.bz2", ".tar.xz", ".gz", ".bz2", ".xz")
ENTRIES = 500_000
BYTES = 256 * 2**30
RATIO = 100
"""How many bytes one byte of an archive may become; pictures hardly shrink, text shrinks to a twentieth."""
SMALL = 16 * 2**20
"""Bytes up to which the ratio is not asked for: an empty mask shrinks to nothing."""
LITTER = "__MACOSX"
"""A folder that macOS puts into archives; it is looked at and left out."""
CHUNK = 1 << 20
NAME = 255
"""Bytes that file systems take for one name."""
BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
)


@dataclass(frozen=True)
class _Entry:
    """What an archive says of one of its entries: its name, bytes, and why it is refused whatever its name."""

    name: str
    bytes: int
    folder: bool
    fault: str
    handle: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(name):
    """Tell whether a file of this name is unpacked; any other is copied as it is."""
    return name.lower().endswith(ARCHIVES)


def unpack(archive, folder, *, watch, entries=ENTRIES, size=BYTES, ratio=RATIO):
    """Unpack an archive, or copy a file that is none.

    Args:
        archive: a file; `.zip`, `.tar`, `.tar.gz` and `.tgz` are archives.
        folder: where its entries go. A caller that wants all or nothing throws it away after an error.
        watch: as `get` has it; one step is one entry.
        entries: more of them are refused.
        size: more bytes than these, unpacked, are refused.
        ratio: an archive that grows to more than so many times its size is refused.

    Raises:
        ValueError: the archive is damaged, of a kind that is not read here, or has an entry that is refused: an
            absolute name, one with `..`, a link, a device, an encrypted entry, two that would be one file, or more and
            larger ones than the limits allow. The sentence has the archive's name and the entry's.
        OSError: the disk is full or the folder cannot be written.
    """
    low = archive.name.lower()
    if low.endswith(FOREIGN) and not is_archive(low):
        raise ValueError(f"{archive}: an archive of a kind that is not unpacked here; unpack it by hand, and zip it")
    folder.mkdir(parents=True, exist_ok=True)
    if not is_archive(low):
        shutil.copyfile(archive, folder / archive.name)
        return
    limits = _Limits(archive, entries, size, ratio)
    try:
        (_unzip if low.endswith(".zip") else _untar)(archive, folder, limits, watch)
    except BROKEN as fault:
        raise ValueError(f"{archive}: damaged ({fault}); remove it and fetch it again") from None


class _Limits:
    """What was unpacked so far, and what it may be."""

    def __init__(self, archive, entries, size, ratio):
        self.archive, self.entries, self.size = archive, entries, size
        self.grown = max(ratio * archive.stat().st_size, SMALL)
        self.bytes, self.count, self.names, self.inner = 0, 0, {}, {}

    def admit(self, entry):
        """Take an entry, or refuse it; return where it goes below the folder."""
        parts = _parts(entry.name)
        fault = entry.fault or _fault(entry, parts) or self._collision(parts, entry)
        self.count += 1
        self.bytes += entry.bytes
        if self.count > self.entries:
            fault = f"comes after {self.entries} others, which is the limit"
        elif self.bytes > self.size:
            fault = f"would make {self.bytes} bytes of it, and {self.size} are the limit"
        elif self.bytes > self.grown:
            fault = f"would make {self.bytes} bytes of {self.archive.stat().st_size}, as a decompression bomb does"
        if fault:
            raise ValueError(f"{self.archive}: refused, nothing was unpacked: {entry.name!r} {fault}")
        return Path(*parts)

    def _collision(self, parts, entry):
        """Names that are one where case or the way of writing accents does not matter, and a file that is a folder."""
        if not parts:
            return ""
        keys = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        *above, key = [unicodedata.normalize("NFC", name).casefold() for name in keys]
        for folder, name in zip(above, keys, strict=False):
            if folder in self.names:
                return f"needs a folder where {self.names[folder]!r} is a file"
            self.inner.setdefault(folder, name)
        if entry.folder:
            self.inner.setdefault(key, entry.name)
            return f"is a folder where {self.names[key]!r} is a file" if key in self.names else ""
        if key in self.names or key in self.inner:
            return f"would be one file with {self.names.get(key) or self.inner[key]!r}"
        self.names[key] = entry.name
        return ""


def _parts(name):
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def _fault(entry, parts):
    name = entry.name
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "is an absolute path"
    if ".." in parts:
        return "leads out of the folder"
    if not parts and not entry.folder:
        return "has no name"
    if any(ord(letter) < 32 for letter in name):
        return "has a control character in its name"
    if any(len(part.encode("utf-8", "surrogateescape")) > NAME for part in parts):
        return f"has a name of more than {NAME} bytes"
    return ""


def _unzip(archive, folder, limits, watch):
    with zipfile.ZipFile(archive) as opened:
        listed = [_zip_entry(info) for info in opened.infolist()]
        targets = [limits.admit(entry) for entry in listed]  # all are looked at before the first is written
        if limits.bytes > shutil.disk_usage(folder).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        work = zip(listed, targets, strict=True)
        for entry, target in watch(work, len(listed), f"unpacking {archive.name}"):
            if LITTER in target.parts[:1]:
                continue
            if entry.folder:
                (folder / target).mkdir(parents=True, exist_ok=True)
            else:
                with opened.open(entry.handle) as source:
                    _write(source, folder / target)


def _untar(archive, folder, limits, watch):
    opened = open if archive.suffix == ".tar" else gzip.open
    with opened(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r:") as listed:
        for info in watch(iter(listed), 0, f"unpacking {archive.name}"):
            entry = _tar_entry(info)
            target = limits.admit(entry)
            if LITTER in target.parts[:1]:
                continue
            if entry.folder:
                (folder / target).mkdir(parents=True, exist_ok=True)
            else:
                with listed.extractfile(info) as source:
                    _write(source, folder / target)
        while stream.read(CHUNK):  # the checksum stands at the very end, where tarfile does not look
            if stream.tell() > limits.bytes + limits.grown:
                raise ValueError(f"{archive}: refused, nothing was unpacked: it goes on after its last entry")


def _write(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(source, file, CHUNK)


def _zip_entry(info):
    kind = stat.S_IFMT(info.external_attr >> 16)
    fault = ""
    if info.flag_bits & 0x1:
        fault = "is encrypted"
    elif kind == stat.S_IFLNK:
        fault = "is a link"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        fault = "is a device or another special file"
    return _Entry(info.filename, info.file_size, info.filename.endswith(("/", "\\")), fault, info)


def _tar_entry(info):
    fault = ""
    if info.issym() or info.islnk():
        fault = "is a link"
    elif not (info.isreg() or info.isdir()):
        fault = "is a device or another special file"
    return _Entry(info.name, info.size, info.isdir(), fault, info)
