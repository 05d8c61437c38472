"""One worker process, seen from its runner."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any

from ultraseg.runner._jobs import Job, lines

BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from ultraseg.runner.worker import main; main()"
"""A worker finds packages where its runner found them."""
TAIL = 20_000
"""Bytes of a dead worker's last words that are kept."""

Event = dict[str, Any]


class Process:
    """A worker.

    Attributes:
        job: what it is at; None while it is idle.
        program: what it has compiled.
        up: it can be given an order, which it does as soon as it is ready.
        ready: it has come up.
        ended: it is gone, and all that it told has been read.
    """

    up = True

    def __init__(self, threads: int, cards: str | None, devices: int = 1):
        self.job: Job | None = None
        self.program: str | None = None
        self.ready = self.ended = False
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  closed when it has ended
        self._rest, self._failure = b"", None
        self._process = subprocess.Popen(
            [sys.executable, "-c", BOOT, json.dumps(sys.path), str(threads), str(devices)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env=os.environ if cards is None else {**os.environ, "CUDA_VISIBLE_DEVICES": cards},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        """The pipe of its events, for a selector."""
        return self._process.stdout.fileno()

    def send(self, order: dict[str, Any]) -> None:
        """Give it an order; that it is dead already shows when it is read."""
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def read(self) -> list[Event]:
        """Wait for something and return its events."""
        chunk = os.read(self.fileno(), 1 << 16)
        self.ended = not chunk
        whole, mark, self._rest = (self._rest + chunk).rpartition(b"\n")
        events = list(lines(whole + mark))
        for event in events:
            self.ready = self.ready or event["kind"] == "ready"
            self._failure = event if event["kind"] == "failed" else self._failure
        return [event for event in events if event["kind"] not in ("ready", "failed")]

    def last_words(self) -> Event:
        """Say why it ended, once it has."""
        code = self._close()
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - TAIL))
        words = self._words.read().decode(errors="replace")
        self._words.close()
        if self._failure:
            return {**self._failure, "traceback": self._failure["traceback"] + (words and f"\n{words}")}
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        memory = ", as happens when memory runs out" if code == -signal.SIGKILL else ""
        last = words.strip().splitlines()[-1:] if code >= 0 else []
        sentence = f"the worker was {how}{memory}" if code < 0 else ": ".join([f"the worker {how}", *last])
        return {
            "kind": "failed", "sentence": sentence, "plain": "", "errno": None, "file": "", "traceback": words,
        }  # fmt: skip

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for its end until `time.monotonic` is there, then kill it."""
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()
        self._words.close()

    def _close(self) -> int:
        self._process.stdout.close()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        return self._process.wait()
