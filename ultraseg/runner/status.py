"""How far a study is, read from its files alone: done, running, given up and waiting trials."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultraseg import records
from ultraseg.runner._lease import read
from ultraseg.runner._watcher import SILENT

KINDS = ("running", "failed", "waiting", "done")


@dataclass(frozen=True)
class State:
    """How one trial stands.

    `epoch` of `epochs` are done, None before the first, and `epochs` None where a clock ends the training; `val_dice`
    is the last validation Dice, `seconds_left` what the epochs left will take, evaluation apart; `sentence` says why
    a trial was given up.
    """

    kind: str
    epoch: int | None = None
    epochs: int | None = None
    val_dice: float | None = None
    seconds_left: float | None = None
    sentence: str = ""


@dataclass(frozen=True)
class Shown:
    """A study's folder: its name, the label of every trial by id in the study's order, and where the trials lie."""

    name: str
    labels: dict[str, str]
    trials: Path


def studies(folder: Path) -> list[Shown]:
    """Read which studies a folder holds.

    Args:
        folder: a study's own, or the one in which studies and trials lie.

    Returns:
        Them, sorted by name.

    Raises:
        ValueError: there is none, or a `study.json` is damaged; the message names it.
    """
    own = folder / "study.json"
    found = [own] if own.is_file() else sorted(folder.glob("*/study.json"))
    if not found:
        raise ValueError(f"{folder}: neither a study's folder nor one that holds some; run `ultraseg run STUDY` first")
    return [Shown(path.parent.absolute().name, _labels(path), path.parent.parent / "trials") for path in found]


def states(trials: Path, ids: Sequence[str]) -> dict[str, State]:
    """Look how trials stand.

    Args:
        trials: where trial folders lie.
        ids: which ones.

    Returns:
        State by id. A trial runs where somebody holds it: a process of this machine that lives, or one of another
        that has written to its lease within the last minute.

    Raises:
        ValueError: a file is damaged; the message names it.
    """
    present = records.present(trials)
    hidden: dict[str, list[str]] = {}
    for entry in present:
        if entry.startswith("."):
            hidden.setdefault(entry[1:].partition(".")[0], []).append(entry)
    return {name: State("done") if name in present else _state(trials, name, hidden.get(name, [])) for name in ids}


def _state(trials: Path, name: str, entries: list[str]) -> State:
    if records.failure(trials, name).name in entries:
        why = records.read_json(records.failure(trials, name))
        return State("failed", sentence=str(why.get("sentence", "")))
    if not entries:
        return State("waiting")
    leases, work = (records.numbered(trials, name, kind, among=entries) for kind in ("lease", "part"))
    kind = "running" if any(map(_runs, leases.values())) else "waiting"
    told = _progress(work[max(work)] / "progress.json") if work else None
    if told is None:
        return State(kind)
    left = None if told["epochs"] is None else (told["epochs"] - told["epoch"]) * told["seconds_per_epoch"]
    return State(kind, told["epoch"], told["epochs"], told["val_dice"], left)


def _runs(lease: Path) -> bool:
    """Whether a lease's owner seems to live; of another machine's only the time of its file tells, near enough."""
    owner = read(lease)
    if owner is None or owner.alive is False:
        return False
    try:
        return bool(owner.alive) or abs(time.time() - lease.stat().st_mtime) < SILENT
    except FileNotFoundError:
        return False


def _progress(path: Path) -> dict[str, Any] | None:
    """What a training last told; None before its first epoch, and when it ends just now."""
    return records.read_json(path) if path.is_file() else None


def _labels(path: Path) -> dict[str, str]:
    tree = records.read_json(path)
    try:
        return {
            trial["id"]: ", ".join([cell["label"], f"seed {trial['seed']}", f"fold {trial['fold']}"])
            for cell in tree["cells"]
            for trial in cell["trials"]
        }
    except (KeyError, TypeError):
        raise ValueError(f"{path}: not what a study leaves; remove its folder and run the study again") from None
