"""Where a fetched data set lies: its files, what was downloaded, and the receipt that says what it was."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ultraseg import atomic
from ultraseg.sources._source import Source


@dataclass(frozen=True)
class Entry:
    """One line of a receipt: a part of a data set as it came.

    `sha256` is the file's; of a folder that Kaggle's client unpacked it is that of the list of its files' names and
    SHA-256. `compared` says in words what it was compared with. `fetched` is a date, `2026-11-22`.
    """

    file: str
    url: str
    bytes: int
    sha256: str
    compared: str
    fetched: str


@dataclass(frozen=True)
class Place:
    """The folder of one data set below the one of all.

    Attributes:
        folder: `data/raw/NAME`.
    """

    folder: Path

    @property
    def files(self) -> Path:
        """What a reader is given; it is there whole or not at all."""
        return self.folder / "files"

    @property
    def downloads(self) -> Path:
        """What is kept until all is unpacked, and where files fetched by hand are put."""
        return self.folder / "downloads"

    @property
    def receipt(self) -> Path:
        """What came, from where, when; it stays when the files are removed, so that they can be compared."""
        return self.folder / "receipt.json"

    def root(self) -> Path | None:
        """Find the data set: `files`, or this folder itself where somebody put it by hand; None without either."""
        if self.files.is_dir():
            return self.files
        ours = {self.downloads, self.receipt}
        if self.folder.is_dir() and any(
            not path.name.startswith(".") and path not in ours for path in self.folder.iterdir()
        ):
            return self.folder
        return None

    def entries(self) -> tuple[Entry, ...]:
        """Read the receipt; empty without one.

        Raises:
            ValueError: it is damaged.
        """
        if not self.receipt.is_file():
            return ()
        try:
            return tuple(Entry(**entry) for entry in json.loads(self.receipt.read_text(encoding="utf-8"))["parts"])
        except (ValueError, LookupError, TypeError) as fault:
            raise ValueError(f"{self.receipt}: not a receipt ({fault}); remove it to fetch the data set anew") from None

    def write(self, source: Source, entries: tuple[Entry, ...]) -> None:
        """Write the receipt, whole or not at all."""
        about = {key: getattr(source, key) for key in ("name", "title", "licence", "citation", "home")}
        content = about | {"parts": [asdict(entry) for entry in entries]}
        atomic.text(self.receipt, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
