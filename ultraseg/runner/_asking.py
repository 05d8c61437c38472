"""What crews have in common: they end with their block, and do an order that needs no watching and wait for it."""

import os
from typing import Any, Self

Event = dict[str, Any]


class Died(ChildProcessError):
    """A worker ended before it had answered; says why."""


class Asking:
    """A crew with `workers`, `processes` by slot, `start(slot)`, `bury(slot)` and `stop()`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self, number: int) -> None:
        """Have workers come up together, before there is an order for each."""
        for slot in range(min(number, self.workers)):
            if slot not in self.processes:
                self.start(slot)

    def ask(self, order: dict[str, Any]) -> Event:
        """Have one order done that needs no watching, by the first worker.

        Returns:
            Its last event before it was idle.

        Raises:
            ValueError: the worker did, or its node does not see a folder.
            OSError: a disk is full, or no node is left.
            Died: it ended otherwise.
        """
        process = self.processes.get(0) or self.start(0)
        process.send(order)
        last: Event = {}
        while True:
            for event in process.read():
                if event["kind"] == "idle":
                    return last
                last = event
            if process.ended:
                why = self.bury(0)
                if why["plain"]:
                    raise ValueError(why["plain"])
                if why["errno"]:
                    raise OSError(why["errno"], os.strerror(why["errno"]), why["file"] or None)
                raise Died(why["sentence"])
