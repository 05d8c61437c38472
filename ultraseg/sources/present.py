"""What is here of the data sets that can be fetched."""

from dataclasses import dataclass
from pathlib import Path

from ultraseg import catalogue
from ultraseg.samples import Faulty
from ultraseg.sources import _published
from ultraseg.sources._place import Entry, Place
from ultraseg.sources._source import Source


@dataclass(frozen=True)
class Present:
    """A data set and what is here of it.

    Attributes:
        source: title, licence, citation and how it comes here.
        root: what its reader is given; None where it is not here.
        images: how many its reader finds; None where it is not here, or its reader cannot begin.
        note: why the reader complains, or what is left of a download that was cut; empty without either.
        entries: its receipt; empty where it was put here by hand.
    """

    source: Source
    root: Path | None
    images: int | None
    note: str
    entries: tuple[Entry, ...]


def present(folder: Path | str = Path("data/raw")) -> list[Present]:
    """Look every data set up below a folder; file names are read, pixels are not.

    Args:
        folder: where data sets lie, each in a folder of its reader's name; it need not exist.

    Returns:
        One per data set that can be fetched, in the order of `published`, whether it is here or not.

    Raises:
        ValueError: a receipt is damaged.
    """
    return [_one(source, Place(Path(folder) / source.name)) for source in _published.published()]


def _one(source: Source, place: Place) -> Present:
    root, entries = place.root(), place.entries()
    if root is None:
        return Present(source, None, None, _left(place), entries)
    try:
        return Present(source, root, len(catalogue.bind("datasets", source.name)(root)), "", entries)
    except Faulty as fault:
        more = f" (and {len(fault.faults) - 1} more)" if len(fault.faults) > 1 else ""
        return Present(source, root, len(fault.samples), f"{fault.faults[0]}{more}", entries)
    except ValueError as fault:
        return Present(source, root, None, str(fault), entries)


def _left(place: Place) -> str:
    """What is kept of a download that was not finished."""
    kept = [path for path in place.downloads.glob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in kept)
    return f"{size / 2**20:.0f} MiB are kept of a download that is not finished" if size else ""
