"""The line to one tracker: a thread of its own, so that a tracker which fails or hangs neither stops a training nor
is passed over in silence.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from ultraseg import records

PATIENCE = 30.0
"""Seconds that the end of a trial waits for a tracker."""


class Line:
    """Sends a trial's rounds to a tracker, in order and each once, and tries again what did not get through.

    `NAME.json` beside the trial's other files keeps the run's id, how many rounds it has, and the last failure; so a
    training that goes on later goes on in the same run.
    """

    def __init__(self, name: str, connect: Callable[[], Any], folder: Path, tell: Callable[[str], None]):
        """Prepare; nothing is sent yet.

        Args:
            name: the tracker's.
            connect: makes its `Run`, in the thread.
            folder: where `NAME.json` lies.
            tell: is given a sentence the first time that something does not get through.
        """
        self._name, self._connect, self._path, self._tell = name, connect, folder / f"{name}.json", tell
        self._pool, self._under_way = ThreadPoolExecutor(1, thread_name_prefix=name), None
        self._run, self._failed = None, False
        self._open, self._writing = True, threading.Lock()
        self._kept = {"run": "", "rounds": 0, "failure": ""}
        if self._path.is_file():
            self._kept |= records.read_json(self._path)

    def send(self, history: list[dict[str, Any]]) -> None:
        """Hand over the rounds so far; while an earlier round is under way they go with the next."""
        if self._settled(0):
            self._under_way = self._pool.submit(self._deliver, list(history))

    def end(self, history: list[dict[str, Any]], totals: dict[str, Any]) -> None:
        """Hand over what is left and what the trial ended in, and wait for it within PATIENCE."""
        if self._settled(PATIENCE):
            self._under_way = self._pool.submit(self._deliver, list(history), totals)
            self._settled(PATIENCE)
        self.close()

    def close(self) -> None:
        """Let go; nothing is waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._writing:
            self._open = False

    def _settled(self, seconds: float) -> bool:
        """Whether nothing is under way; what went wrong with the last is told."""
        last: Future | None = self._under_way
        if last is None:
            return True
        if not wait([last], seconds).done:
            if seconds:
                self._note(f"no answer within {seconds:g} s")
            return False
        if (fault := last.exception()) is not None:
            self._note(f"{type(fault).__name__}: {' '.join(str(fault).split())}")
        return True

    def _note(self, fault: str) -> None:
        self._kept["failure"] = fault
        self._write()
        if not self._failed:
            self._failed = True
            self._tell(
                f"{self._name} failed ({fault}); the training goes on without it, and its rounds are offered again "
                "after every epoch"
            )

    def _deliver(self, history: list[dict[str, Any]], totals: dict[str, Any] | None = None) -> None:
        """In the thread: what the tracker has not got yet."""
        if self._run is None:
            run = self._connect()
            self._kept["run"] = run.open(self._kept["run"])
            self._run = run
            self._write()
        for row in history[self._kept["rounds"] :]:
            self._run.send(row)
            self._kept["rounds"] += 1
        self._kept["failure"] = ""
        if totals is not None:
            self._run.end(totals)
        self._write()

    def _write(self) -> None:
        with self._writing:  # a thread that is late must not write into a folder that has moved on
            if self._open:
                records.write_json(self._path, self._kept)
