"""A crew: the worker processes of one machine, each a fresh interpreter with its share of cores, or GPUs of its own."""

import functools
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Any

from ultraseg import runtime
from ultraseg.runner._asking import Asking
from ultraseg.runner._process import Event, Process

GRACE = 5.0
"""Seconds that workers have between being asked to end and being killed."""


class Crew(Asking):
    """The processes that do a study's work, started when there is work; or, with 0 workers, this process itself.

    Attributes:
        workers: how many there may be at a time.
        devices: GPUs of one worker.
        processes: those that run now, by slot from 0; a slot keeps its share of cores and its GPU.
    """

    def __init__(self, workers: int, *, threads: int = 0, devices: int = 1):
        """Start nothing yet.

        Args:
            workers: processes at a time; 0 works in this one, whose Keras must be loaded then.
            threads: cores that one operation of one worker may use; 0 gives each an equal share.
            devices: GPUs of one worker, from `devices_of`; one GPU may belong to several workers of one.

        Raises:
            ValueError: a number is negative.
        """
        if workers < 0:
            raise ValueError(f"--workers: at least 0 wanted, got {workers}; 0 trains in the runner's own process")
        if threads < 0:
            raise ValueError(f"--threads: at least 0 wanted, got {threads}; 0 gives each worker an equal share")
        self.workers = workers
        self.processes: dict[int, Process] = {}
        self.devices = devices
        self._threads = threads or max(1, runtime.cores() // max(1, workers))

    def ask(self, order: dict[str, Any]) -> Event:
        """Have one order done, here where there are no workers."""
        if self.workers:
            return super().ask(order)
        told: list[Event] = []
        self.here(order, told.append)
        return told[-1]

    @functools.cached_property
    def here(self) -> Callable[[dict[str, Any], Callable[[Event], None]], None]:
        """What does orders in this process."""
        from ultraseg.runner._trainer import Trainer

        return Trainer()

    def start(self, slot: int) -> "Process":
        """Start the worker of a slot."""
        first = slot * self.devices
        cards = [self._cards[place % len(self._cards)] for place in range(first, first + self.devices) if self._cards]
        self.processes[slot] = Process(self._threads, ",".join(cards) or None, self.devices)
        return self.processes[slot]

    @functools.cached_property
    def _cards(self) -> list[str]:
        return gpus()

    def wait(self, seconds: float) -> list[int]:
        """Wait until workers have something to tell, or have ended.

        Returns:
            Their slots; none when the time is over.
        """
        with selectors.DefaultSelector() as selector:
            for slot, process in self.processes.items():
                selector.register(process, selectors.EVENT_READ, slot)
            return [key.data for key, _ in selector.select(seconds)]

    def bury(self, slot: int) -> Event:
        """Take a worker that has ended out of its slot, and say why it ended, as a `failed` event."""
        return self.processes.pop(slot).last_words()

    def stop(self) -> None:
        """End all workers, at the latest after a few seconds."""
        for process in self.processes.values():
            process.ask_to_end()
        deadline = time.monotonic() + GRACE
        for process in self.processes.values():
            process.end(deadline)
        self.processes.clear()


def devices_of(told: str, workers: int) -> int:
    """Read how many devices one training shall have.

    Args:
        told: a number from 1, or `all`: the GPUs that each worker gets when all are shared out.
        workers: trainings at a time; 0 for one in this process.

    Returns:
        At least 1. Without a GPU any number will do: parts of the processor take their place.

    Raises:
        ValueError: it is neither, or there are fewer GPUs than the workers want.
    """
    cards, at_once = len(gpus()), max(1, workers)
    if told == "all":
        return max(1, cards // at_once)
    if not (told.isascii() and told.isdigit() and int(told) > 0):
        raise ValueError(f"--devices: a number from 1 or `all` wanted, got {told!r}")
    if int(told) > 1 and 0 < cards < int(told) * at_once:
        raise ValueError(
            f"--devices {told}: {at_once} trainings at a time want {int(told) * at_once} GPUs, and {cards} are here; "
            "take fewer --workers or --devices"
        )
    return int(told)


def gpus() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; none where there are none."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return [card.strip() for card in chosen.split(",") if card.strip() not in ("", "-1")]
    if shutil.which("nvidia-smi") is None:
        return []
    listed = subprocess.run(
        ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"], capture_output=True, text=True, check=False
    )
    return listed.stdout.split() if listed.returncode == 0 else []
