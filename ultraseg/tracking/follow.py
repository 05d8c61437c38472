"""A training followed from outside: TensorBoard's event file always, Weights & Biases and MLflow where asked for.

Who follows a trial is no part of what the trial is: its id and its numbers are the same with and without trackers.
"""

import functools
import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ultraseg.tracking._line import Line

EVENTS = "tensorboard"
RUNS = "tracking"
"""Folders of a trial: its event file, and what is known of its runs elsewhere."""


class Following:
    """The trackers of a trial."""

    def __init__(self, events, lines: Sequence[Line]):
        self._events, self._lines = events, lines

    def send(self, history: list[dict[str, Any]]) -> None:
        """Show the rounds so far.

        Args:
            history: all rounds, those of earlier processes too; what a tracker has already is not sent again.

        Raises:
            tf.errors.OpError: the event file cannot be written, as on a full disk.
        """
        self._events.send(history)
        for line in self._lines:
            line.send(history)

    def end(self, history: list[dict[str, Any]], totals: dict[str, Any]) -> None:
        """Show what a trial ended in.

        Args:
            history: all rounds.
            totals: names and values; trackers show numbers that are finite as such, the rest as words.
        """
        self._events.close()
        for line in self._lines:
            line.end(history, totals)


@contextmanager
def follow(
    work: Path,
    names: Sequence[str],
    *,
    trial: dict[str, Any],
    name: str,
    folder: Path,
    tell: Callable[[str], None],
) -> Iterator[Following]:
    """Follow a trial until the block ends, however it ends.

    Args:
        work: the trial's own folder.
        names: of trackers beside TensorBoard, none of which `refuse` refuses.
        trial: resolved.
        name: the trial's id.
        folder: where trackers that keep files put them, if the environment says nothing else.
        tell: is given a sentence when a tracker fails; each once.

    Yields:
        What is to be told of every round, and at the end.
    """
    from ultraseg.tracking._tensorboard import Events

    events = Events(work / EVENTS)
    lines = [
        Line(tracker, functools.partial(_run, tracker, name, trial, folder), work / RUNS, tell) for tracker in names
    ]
    try:
        yield Following(events, lines)
    finally:
        events.close()
        for line in lines:
            line.close()


def _run(tracker: str, name: str, trial: dict[str, Any], folder: Path):
    """Import a tracker, which takes seconds, and make its run of a trial."""
    return importlib.import_module(f"ultraseg.tracking._{tracker}").Run(name, config=trial, folder=folder)
