"""A watcher of leases: finds out who of the owners on other machines still lives, whatever the clocks there say."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ultraseg import records
from ultraseg.runner._lease import read

SILENT = 60.0
"""Seconds without a rise of its counter after which an owner is taken for dead."""


class Watcher:
    """Watches leases by this process's own monotonic clock, which no setting of a clock moves."""

    def __init__(self, trials: Path, *, silent: float = SILENT, clock: Callable[[], float] = time.monotonic):
        self._trials, self._silent, self._clock = trials, silent, clock
        self._seen: dict[tuple[Path, str], tuple[int, float, bool]] = {}

    def look(self, name: str) -> "Standing":
        """See whether somebody holds a trial, and whether its owner still lives."""
        now, tokens, held, alive = self._clock(), set(), False, False
        for path in records.numbered(self._trials, name, "lease").values():
            if (owner := read(path)) is None:
                continue
            count, since, risen = self._seen.get((path, owner.token), (owner.count, now, False))
            if owner.count != count:
                count, since, risen = owner.count, now, True
            self._seen[path, owner.token] = count, since, risen
            if owner.alive is False or now - since > self._silent and not owner.alive:
                tokens.add(owner.token)
            else:
                held, alive = True, alive or risen or bool(owner.alive)
        return Standing(held, alive, frozenset(tokens))


@dataclass(frozen=True)
class Standing:
    """How a trial stands: somebody holds it, is known to live, and the tokens of owners that are taken for dead."""

    held: bool
    alive: bool
    silent: frozenset[str]
