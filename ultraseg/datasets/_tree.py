"""A data set's folder as a reader sees it: files in order, and everything odd noted until the end of the scan."""

import csv
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath

from ultraseg.datasets import _workbook
from ultraseg.samples import LONGEST, Faulty, Sample

LITTER = {
    "thumbs.db", "desktop.ini", "__macosx", "readme.txt", "readme.md", "license.txt", "attribution.txt", "phantom.txt",
}  # fmt: skip
"""What operating systems and publishers leave beside the images, in lower case; passed over by rule."""


FOLDER, ABSENT = "a folder among the files; move it away", "there is no such file; restore it"
PUNCTUATION = " ._-()[]"
"""What an id may hold beside letters and digits."""


class Tree:
    """A folder, and the faults found in it so far.

    Attributes:
        root: the folder, links resolved.
        faults: one sentence for each, with the file's name.
    """

    def __init__(self, root: Path | str):
        """Open a folder.

        Raises:
            ValueError: it is none.
        """
        if not Path(root).is_dir():
            raise ValueError(f"{root}: no such folder; name the one that holds the data set")
        self.root = Path(root).resolve()
        self.faults: list[str] = []

    def note(self, path: Path | str, sentence: str) -> None:
        """Keep a fault, on one line: what is wrong with a file and what to do."""
        told = f"{path}: {sentence}"
        self.faults.append("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in told))

    def files(
        self,
        folder: str | Path = ".",
        *,
        suffixes: Sequence[str] = (".png",),
        beside: str = "",
        recursive: bool = False,
    ) -> list[Path]:
        """List the files of a folder that a reader can use.

        Args:
            folder: below the root.
            suffixes: the endings that are wanted, in lower case; case does not matter in a name.
            beside: a regular expression for the names of other files that are published among them; they are passed
                over by rule.
            recursive: go into the folders below.

        Returns:
            Paths, sorted. Hidden files and litter are passed over; a missing folder, a link that leads out of the
            root, an empty file, a folder where files are wanted and a file of another kind are noted.
        """
        place = self.root / folder
        if not place.is_dir():
            self.note(place, "no such folder; complete the data set")
            return []
        if not self._inside(place):
            self.note(place, "a link that leads out of the data set; put the folder itself there")
            return []
        try:
            entries = sorted(place.iterdir(), key=lambda path: path.name)
        except OSError as error:
            self.note(place, f"the folder cannot be listed ({error.strerror}); mend its permissions or move it up")
            return []
        found = []
        for path in entries:
            if path.name.startswith(".") or path.name.lower() in LITTER or re.fullmatch(beside or "(?!)", path.name):
                continue
            fault = self._fault(path, suffixes)
            if fault == FOLDER and recursive:
                found += self.files(path.relative_to(self.root), suffixes=suffixes, beside=beside, recursive=True)
            elif fault:
                self.note(path, fault)
            else:
                found.append(path)
        return found

    def file(self, name: str, *, suffixes: Sequence[str] = (".png",), said: str) -> Path | None:
        """Find a file that a table names.

        Args:
            name: its path below the root; accents may be composed or not.
            suffixes: the endings that are wanted, in lower case.
            said: the table and the line in it, for the message.

        Returns:
            The file; None where it cannot be used, which is noted: a path or a link that leads out of the root, a
            missing or empty file, a folder, a file of another kind.
        """
        if Path(name).is_absolute() or PureWindowsPath(name).drive or ".." in Path(name).parts:
            self.note(said, f"{name!r} leads out of the data set; name a file by its path below {self.root}")
            return None
        spelt = (name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))
        faults = {self.root / written: self._fault(self.root / written, suffixes) for written in spelt}
        path = next((path for path, fault in faults.items() if fault != ABSENT), self.root / name)
        if faults[path]:
            self.note(said, f"{name!r}: {faults[path]}")
            return None
        return path

    def _inside(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self.root)

    def _fault(self, path: Path, suffixes: Sequence[str]) -> str:
        """What keeps a file from being used; empty when nothing does."""
        if any("\udc80" <= letter <= "\udcff" for letter in str(path)):
            return "its name is not in UTF-8; rename it"
        try:
            if not self._inside(path):
                return "a link that leads out of the data set; put the file itself there"
            if path.is_dir():
                return "a link to a folder; put the folder itself there" if path.is_symlink() else FOLDER
            if not path.is_file():
                return "a link that leads nowhere; restore its file or remove it" if path.is_symlink() else ABSENT
            if not path.name.lower().endswith(tuple(suffixes)):
                return f"a file ending in {' or '.join(suffixes)} is wanted here; move it away"
            return "" if path.stat().st_size else "the file is empty; restore it from the source"
        except (OSError, ValueError) as error:  # longer than a path can be, or with a zero byte
            return f"no name that the disk takes ({getattr(error, 'strerror', '') or error}); shorten or mend it"

    def rows(self, path: str | Path, columns: Sequence[str], *, delimiter: str = ",") -> list[dict[str, str]]:
        """Read a table without the numbers of its lines; as `lines` otherwise."""
        return [row for _, row in self.lines(path, columns, delimiter=delimiter)]

    def lines(
        self, path: str | Path, columns: Sequence[str], *, delimiter: str = ","
    ) -> list[tuple[int, dict[str, str]]]:
        """Read a table.

        Args:
            path: a CSV file below the root, UTF-8, or an Excel workbook (.xlsx), whose first sheet is read; the first
                line names the columns.
            columns: those that it must have.
            delimiter: what stands between the values in a CSV file.

        Returns:
            The number of each line in the file, from 1 (of a row that spans several the last), and its values by
            column, stripped of blanks around them; empty when the file is missing, is not text, is cut short or lacks
            a column, which is noted.
        """
        place = self.root / path
        if not place.is_file() or not place.resolve().is_relative_to(self.root):
            self.note(place, "no such table; complete the data set")
            return []
        try:
            (_, header), *table = _numbered(place, delimiter) or [(1, [])]
        except (ValueError, csv.Error) as error:  # ValueError: bytes that are not UTF-8, or no workbook
            self.note(place, f"not a table in UTF-8 ({error}); write it again as CSV")
            return []
        header = [name.strip() for name in header]
        missing = [column for column in columns if column not in header]
        if missing:
            self.note(place, f"the column {', '.join(missing)} is missing; there is: {', '.join(header) or 'nothing'}")
            return []
        if len(set(header)) < len(header):
            twice = next(name for name, count in Counter(header).items() if count > 1)
            self.note(place, f"the column {twice!r} is named twice; rename one of the two")
            return []
        found = []
        for number, line in table:
            if len(line) == len(header):
                found.append((number, dict(zip(header, map(str.strip, line), strict=True))))
            else:
                self.note(place, f"line {number} has {len(line)} values where {len(header)} are named; mend it")
        return found

    def finish(self, samples: Sequence[Sample], *, facts: Mapping[str, tuple[int, int]] | None = None) -> list[Sample]:
        """End the scan.

        Args:
            samples: what was found.
            facts: what is counted -> the published number and the number found.

        Returns:
            The samples.

        Raises:
            Faulty: something was noted, a fact is not met, an id stands there twice or cannot name a file, or there
                is no sample.
        """
        for fact, (published, got) in (facts or {}).items():
            if published != got:
                self.note(
                    self.root,
                    f"{published} {fact} are published, found {got}; complete the folder, or set `complete: false` "
                    "(on the command line --set '{READER: {complete: false}}') to use what is there",
                )
        for name, count in Counter(sample.id for sample in samples).items():
            if count > 1:
                self.note(self.root, f"{count} images would be called {name!r}; give them different names")
            if name != identifier(name):
                allowed = f"letters, digits and '{PUNCTUATION}', {LONGEST} bytes at most"
                self.note(self.root, f"{name!r} cannot name files; take {allowed}")
        if not samples and not self.faults:
            self.note(self.root, "no image; name the folder that holds the data set")
        if self.faults:
            raise Faulty(self.root, self.faults, samples)
        return list(samples)


def identifier(text: str) -> str:
    """Make a sample's id, which names files later on, of a file's path without its ending.

    Accents are composed, a `/` becomes a hyphen and whatever is no letter, digit or one of `PUNCTUATION` an underscore;
    what is longer than `LONGEST` bytes keeps its end, behind eight digits of its SHA-256.
    """
    composed = unicodedata.normalize("NFC", text).replace("/", "-")
    kept = "".join(
        c if c.isalnum() or c in PUNCTUATION or unicodedata.category(c).startswith("M") else "_" for c in composed
    )
    kept = kept.strip(" ") or "_"
    if kept.startswith("."):
        kept = f"_{kept[1:]}"
    data = kept.encode()
    if len(data) <= LONGEST:
        return kept
    end = data[len(data) - LONGEST + 9 :].decode(errors="ignore")
    return f"{hashlib.sha256(data).hexdigest()[:8]}-{end}"


def _numbered(place: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """The lines of a table that hold anything, and where they stand."""
    if place.suffix.lower() == ".xlsx":
        return _workbook.lines(place)
    with place.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        return [(reader.line_num, line) for line in reader if line]
