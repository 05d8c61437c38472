"""A bundle taken apart without trust, and checked file by file before anything of it is used."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultraseg import atomic, records, samples
from ultraseg.bundle._contents import FACTS, FORMAT, SUMS, sums
from ultraseg.collection import Collection
from ultraseg.unpacking import unpack

NAMED = 3
"""Differences that a sentence names."""


@dataclass(frozen=True)
class Bundle:
    """A bundle's folder, and what its `bundle.json` says."""

    folder: Path
    facts: dict[str, Any]

    @property
    def file(self) -> Path:
        """The study's YAML."""
        return self.folder / "studies" / f"{self.facts['study']}.yaml"

    def refuse_other_data(self, collections: Sequence[Collection]) -> None:
        """Compare the data that are here with those that the study was run on.

        Args:
            collections: what the study reads here.

        Raises:
            ValueError: a manifest differs; some images are named.
        """
        kept = sorted((self.folder / "manifests").glob("*.csv"))
        rows = {path.stem: samples.read_manifest(path) for path in kept}
        for collection in collections:
            if collection.fingerprint[:12] in rows:
                continue
            told = min((samples.verify(collection.rows, expected) for expected in rows.values()), key=len, default=[])
            more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
            raise ValueError(
                f"{self.folder}: the data set {collection.source} is not the one that the study was run on: "
                f"{'; '.join(told[:NAMED])}{more}"
            )


def unpacked(bundle: Path, folder: Path) -> Bundle:
    """Unpack a bundle and check every hash; a folder that holds it already is checked again.

    Args:
        bundle: a `.zip` that `pack` wrote.
        folder: where its files go; appears whole or not at all.

    Returns:
        The bundle.

    Raises:
        ValueError: it is no bundle or of another format, an entry is refused, a file is missing, differs from its hash
            or is named by none, or the folder holds something else.
        OSError: a file cannot be read or written.
    """
    _refuse_what_is_no_archive(bundle)
    if folder.exists():
        if _sums_inside(bundle) != _sums_in(folder):
            raise ValueError(f"{folder}: holds something else than {bundle}; name another folder")
        return Bundle(folder, _checked(bundle, folder))
    with atomic.folder(folder) as temporary:
        unpack(bundle, temporary, watch=lambda work, total, what: work)
        facts = _checked(bundle, temporary)
    return Bundle(folder, facts)


def _refuse_what_is_no_archive(bundle: Path) -> None:
    if not bundle.is_file():
        raise ValueError(f"{bundle}: no such file")
    if bundle.suffix != ".zip":
        raise ValueError(f"{bundle}: no bundle: a bundle is a zip archive whose name ends in .zip")
    if not zipfile.is_zipfile(bundle):
        raise ValueError(f"{bundle}: no bundle: not a zip archive, or one that was cut short")


def _checked(bundle: Path, folder: Path) -> dict[str, Any]:
    """Compare the hashes, the first files that are wrong being named, and read what the bundle says of itself."""
    said, found = (
        dict(reversed(line.split("  ", 1)) for line in text.splitlines() if "  " in line)
        for text in (_sums_in(folder), sums(folder))
    )
    if FACTS not in said:
        raise ValueError(f"{bundle}: no bundle: its {SUMS} names no {FACTS}")
    wrong = [f"{name} is missing" for name in said if name not in found]
    wrong += [f"{name} is not in {SUMS}" for name in found if name not in said]
    wrong += [f"{name} has another SHA-256" for name in said if found.get(name, said[name]) != said[name]]
    if wrong:
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise ValueError(f"{bundle}: damaged or changed: {'; '.join(wrong[:NAMED])}{more}")
    facts = records.read_json(folder / FACTS)
    if facts.get("format") != FORMAT:
        raise ValueError(f"{bundle}: of format {facts.get('format')!r} where {FORMAT} is read here")
    return facts


def _sums_in(folder: Path) -> str:
    path = folder / SUMS
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _sums_inside(bundle: Path) -> str:
    try:
        with zipfile.ZipFile(bundle) as archive:
            return archive.read(SUMS).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        raise ValueError(f"{bundle}: no bundle: no {SUMS} can be read in it") from None
