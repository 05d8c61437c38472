"""Two runs of one study compared number by number.

Numbers that the machine makes (seconds, memory) and moments are left out; all others are, by right, the same.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultraseg import records
from ultraseg.bundle._contents import STUDY

VERDICTS = ("equal", "last digits", "different")
DIGITS, NOTHING = 1e-4, 1e-8
"""Numbers that differ by no more than this share of them, or by no more than NOTHING, agree to four digits."""
OF_MACHINE = (
    "seconds", "training_seconds", "seconds_per_epoch", "images_per_second", "peak_memory_mib", "test_opened",
)  # fmt: skip
ROWS = {"history.csv": "epoch", "images.csv": "id", "validation.csv": "id", "training.csv": "id"}
"""Tables of a trial, and the column that names a row."""


@dataclass(frozen=True)
class Number:
    """One number in both runs: `part` is the file, `where` the row and trial, `name` the column; values as text."""

    part: str
    where: str
    name: str
    was: str
    now: str

    @property
    def verdict(self) -> str:
        """One of VERDICTS."""
        if self.was == self.now:
            return VERDICTS[0]
        try:
            was, now = float(self.was), float(self.now)
        except ValueError:
            return VERDICTS[2]
        if was == now:
            return VERDICTS[0]
        return VERDICTS[1] if math.isclose(was, now, rel_tol=DIGITS, abs_tol=NOTHING) else VERDICTS[2]


def compare(before: Path, after: Path, *, trials: Path) -> Iterator[Number]:
    """Compare a study in a bundle with the same study run again.

    Args:
        before: the bundle's folder.
        after: the folder of the study that was run again, its report written.
        trials: where the trials of that run lie.

    Yields:
        The table's numbers first, then those of every trial: its totals, its epochs, its images. A number that only
        one of the runs has is compared with an empty text.

    Raises:
        ValueError: a file is damaged, or the studies have other rows.
    """
    yield from _tables("table.csv", "", before / "report" / "table.csv", after / "table.csv", "row")
    old_ids, new_ids = _replicates(before / STUDY), _replicates(after / STUDY)
    if list(old_ids) != list(new_ids):
        raise ValueError(f"{after / STUDY}: has other rows, seeds or folds than the bundle; it is another study")
    for where, old in old_ids.items():
        new = new_ids[where]
        folders = before / "trials" / old, trials / new
        yield from _totals(where, *(records.read_json(folder / "result.json") for folder in folders))
        for part, key in ROWS.items():
            yield from _tables(part, where, *(folder / part for folder in folders), key)


def _replicates(path: Path) -> dict[str, str]:
    """The id of every trial of a study, by its row, seed and fold."""
    return {
        f"{cell['label']}, seed {trial['seed']}, fold {trial['fold']}": trial["id"]
        for cell in records.read_json(path)["cells"]
        for trial in cell["trials"]
    }


def _totals(where: str, was: Any, now: Any, name: str = "") -> Iterator[Number]:
    """Walk two JSON trees; lists are walked by place."""
    if name in OF_MACHINE:
        return
    if isinstance(was, list):
        was = dict(enumerate(was))
    if isinstance(now, list):
        now = dict(enumerate(now))
    if isinstance(was, dict) or isinstance(now, dict):
        was, now = (tree if isinstance(tree, dict) else {} for tree in (was, now))
        for key in dict.fromkeys([*was, *now]):
            yield from _totals(where, was.get(key), now.get(key), f"{name}.{key}" if name else str(key))
    else:
        yield Number("result.json", where, name, *("" if value is None else str(value) for value in (was, now)))


def _tables(part: str, where: str, was: Path, now: Path, key: str) -> Iterator[Number]:
    old, new = _read(was, key), _read(now, key)
    for row in dict.fromkeys([*old, *new]):
        lines = old.get(row, {}), new.get(row, {})
        place = f"{where}: {row}" if where else row
        for name in dict.fromkeys([*lines[0], *lines[1]]):
            if name not in (*OF_MACHINE, key):
                yield Number(part, place, name, *(line.get(name, "") for line in lines))


def _read(path: Path, key: str) -> dict[str, dict[str, str]]:
    """The rows of a table as text, by their names; of none where a diverged trial has no such table."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as lines:
        return {row[key]: row for row in csv.DictReader(lines)}
