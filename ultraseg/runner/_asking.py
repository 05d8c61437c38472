"""One order that needs no watching, done by the first worker of a crew and waited for."""

import os
from typing import Any

Event = dict[str, Any]


class Died(ChildProcessError):
    """A worker ended before it had answered; says why."""


def ask(crew: Any, order: dict[str, Any]) -> Event:
    """Have an order done.

    Returns:
        The worker's last event before it was idle.

    Raises:
        ValueError: the worker did.
        OSError: a disk is full.
        Died: it ended otherwise.
    """
    process = crew.processes.get(0) or crew.start(0)
    process.send(order)
    last: Event = {}
    while True:
        for event in process.read():
            if event["kind"] == "idle":
                return last
            last = event
        if process.ended:
            why = crew.bury(0)
            if why["plain"]:
                raise ValueError(why["plain"])
            if why["errno"]:
                raise OSError(why["errno"], os.strerror(why["errno"]), why["file"] or None)
            raise Died(why["sentence"])
