"""The table that `ultraseg status` shows: how far every study in a folder is, by its trials' files."""

import time
from pathlib import Path

from ultraseg.cli._screen import console

PAUSE = 2.0
"""Seconds between two looks."""
ROWS = 30
"""Trials that a table lists; those that wait or are done are counted beneath it."""


def show(folder: Path, *, watch: bool) -> None:
    """Print how the studies of a folder stand, once; or on a terminal again and again until nothing is left to do."""
    from rich.live import Live

    screen = console()
    if not watch:
        screen.print(_everything(folder)[0])
        return
    if not screen.is_terminal:
        raise ValueError("--watch: wants a terminal; leave it out to print the table once")
    with Live(console=screen, auto_refresh=False) as live:
        while True:
            table, over = _everything(folder)
            live.update(table, refresh=True)
            if over:
                return
            time.sleep(PAUSE)


def _everything(folder: Path):
    """Tables of all studies below a folder, and whether nothing runs or waits any more."""
    from rich.console import Group

    from ultraseg.runner import states, studies

    shown = [(study, states(study.trials, list(study.labels))) for study in studies(folder)]
    over = all(state.kind in ("done", "failed") for _, found in shown for state in found.values())
    return Group(*(_table(study, found) for study, found in shown)), over


def _table(study, found):
    """Trials that run, failed or were interrupted, one a line; the others as numbers."""
    from rich.markup import escape
    from rich.table import Table

    from ultraseg.runner.status import KINDS

    counts = {kind: sum(state.kind == kind for state in found.values()) for kind in KINDS}
    title = f"{study.name}: " + ", ".join(f"{counts[kind]} {kind}" for kind in reversed(KINDS) if counts[kind])
    listed = [(name, state) for kind in KINDS for name, state in found.items() if state.kind == kind and _told(state)]
    table = Table("trial", "id", "state", "epoch", "Dice", "time left", title=escape(title), title_justify="left")
    for name, state in listed[:ROWS]:
        epoch = "" if state.epoch is None else f"{state.epoch} of {state.epochs or '?'}"
        dice = "" if state.val_dice is None else f"{state.val_dice:.3f}"
        left = "" if state.seconds_left is None else _duration(state.seconds_left)
        words = f"failed: {state.sentence}" if state.kind == "failed" else state.kind
        table.add_row(*map(escape, (study.labels[name], name, words, epoch, dice, left)))
    if len(listed) > ROWS:
        table.caption = f"and {len(listed) - ROWS} more"
    return table if listed else escape(title)


def _told(state) -> bool:
    """Whether there is more to say of a trial than that it is done or waits."""
    return state.kind in ("running", "failed") or state.kind == "waiting" and state.epoch is not None


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
