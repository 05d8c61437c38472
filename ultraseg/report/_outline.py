"""What `study.json` holds: all that a report needs to know of a study besides the folders of its trials."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ultraseg import records

VERSION = 1
NAME = "study.json"


@dataclass(frozen=True)
class Replicate:
    """One trial of a cell: the name of its folder, and what tells it from the cell's other trials."""

    id: str
    seed: int
    fold: int


@dataclass(frozen=True)
class Cell:
    """One row of the table; `published` holds the scores of the one published row that is tied to it.

    `unlike` says by score why the published number cannot be compared, where that is so.
    """

    label: str
    at: dict[str, str]
    trials: tuple[Replicate, ...]
    published: dict[str, float]
    where: str
    unlike: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """A study as its report sees it.

    `data` is the data set that the trials ran on, `source` the report, table and data set that the published
    values come from (empty where there are none), `baseline` the index of the cell that others are compared
    with, `trivial` what a mask without lesion scores on the published targets.
    """

    study: str
    profile: str
    title: str
    data: str
    command: str
    source: dict[str, str]
    axes: tuple[str, ...]
    cells: tuple[Cell, ...]
    baseline: int
    primary: str
    scores: tuple[str, ...]
    differs: tuple[str, ...]
    notes: tuple[str, ...]
    trivial: dict[str, float | str]

    @property
    def comparable(self) -> bool:
        """Whether the published values were measured on the data set that the trials ran on."""
        return self.source.get("data", self.data) == self.data


def save(outline: Outline, folder: Path) -> Path:
    """Write `study.json` into a study's folder, whole or not at all."""
    records.write_json(folder / NAME, {"version": VERSION, **asdict(outline)})
    return folder / NAME


def load(folder: Path) -> Outline:
    """Read `study.json`.

    Raises:
        ValueError: there is none, or it was written in another form; the message names it.
    """
    path = folder / NAME
    if not path.is_file():
        raise ValueError(f"{folder}: no {NAME} there, so this is not the folder of a study; run the study first")
    tree = records.read_json(path)
    found = tree.pop("version", None) if isinstance(tree, dict) else None
    if found != VERSION:
        raise ValueError(f"{path}: its version is {found!r} where {VERSION} is wanted; run the study again")
    try:
        cells = tuple(_cell(cell) for cell in tree.pop("cells"))
        lists = {key: tuple(tree.pop(key)) for key in ("axes", "scores", "differs", "notes")}
        return Outline(**tree, **lists, cells=cells)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: not as it was written ({error}); run the study again") from None


def _cell(tree: dict[str, Any]) -> Cell:
    return Cell(**{**tree, "trials": tuple(Replicate(**trial) for trial in tree["trials"])})
