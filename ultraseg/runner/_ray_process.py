"""One worker process on a node of a Ray cluster: the actor that keeps it there, and how it looks from the runner.

The worker is the same process as on one machine, so that it trains the same bits. It ends with its actor.
"""

import json
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from ultraseg.runner._jobs import Job
from ultraseg.runner._process import Event, Process


class Keeper:
    """The actor; starts its worker with the first order."""

    def __init__(self, threads: int, cards: str | None, devices: int):
        """Prepare; nothing is started yet.

        Args:
            threads: cores that one operation may use.
            cards: as `Process` has them; None leaves the GPUs that Ray has given to this actor.
            devices: that share each batch.
        """
        os.environ["OMP_NUM_THREADS"] = str(threads)  # Ray has set its own, a worker on one machine has this
        self._threads, self._cards, self._devices = threads, cards, devices
        self._process: Process | None = None

    def look(self, paths: Sequence[str]) -> dict[str, Any]:
        """Say where this is, and which of some paths cannot be seen from here."""
        context = ray.get_runtime_context()
        unseen = [path for path in paths if not Path(path).exists()]
        return {"node": context.get_node_id(), "address": ray.util.get_node_ip_address(), "unseen": unseen}

    def send(self, order: str) -> None:
        """Give the worker an order, as JSON."""
        self._process = self._process or Process(self._threads, self._cards, self._devices)
        self._process.send(json.loads(order))

    def read(self) -> dict[str, Any]:
        """Wait for something and return its events, whether it has come up, and why it ended if it has."""
        events = self._process.read()
        why = self._process.last_words() if self._process.ended else None
        return {"events": events, "ready": self._process.ready, "why": why}


class RayProcess:
    """A worker as `Process` shows one; `up` only once Ray has found a place for it that sees the study's folders."""

    def __init__(self, actor: Any, paths: Sequence[str]):
        self.job: Job | None = None
        self.program: str | None = None
        self.up = self.ready = self.ended = False
        self._actor, self._node, self._why = actor, "", {}
        self._answers = deque([actor.look.remote(list(paths))])

    @property
    def answer(self) -> Any:
        """What it will tell next, for `ray.wait`; None while it is idle."""
        return self._answers[0] if self._answers else None

    def send(self, order: dict[str, Any]) -> None:
        """Give it an order; that it is dead already shows when it is read."""
        self._actor.send.remote(json.dumps(order))
        self._answers.append(self._actor.read.remote())

    def read(self) -> list[Event]:
        """Wait for something and return its events.

        Raises:
            ValueError: its node does not see a folder.
        """
        try:
            told = ray.get(self._answers.popleft())
        except RayError as error:
            self.ended, self._why = True, self._lost(error)
            return []
        if "node" in told:
            if told["unseen"]:
                raise ValueError(
                    f"--executor ray: the node {told['address']} does not see {Path(told['unseen'][0]).parent} of this "
                    "machine; --runs, --cache and --data must lie where every node has them under the same path"
                )
            self.up, self._node = True, told["node"]
            return []
        self.ready, self.ended = told["ready"], told["why"] is not None
        self._why = told["why"] or {}
        if not (self.ended or any(event["kind"] == "idle" for event in told["events"])):
            self._answers.append(self._actor.read.remote())
        return told["events"]

    def last_words(self) -> Event:
        """Say why it ended, once it has; `lost` where that was its node's end and not its own."""
        self.end()
        return self._why

    def end(self) -> None:
        """Let Ray kill it."""
        ray.kill(self._actor, no_restart=True)

    def _lost(self, error: RayError) -> Event:
        lost = bool(self._node) and not any(node["Alive"] and node["NodeID"] == self._node for node in ray.nodes())
        last = [line.strip() for line in str(error).splitlines() if line.strip()][-1:]
        sentence = "its node of the cluster was lost" if lost else ": ".join([type(error).__name__, *last])
        return {
            "kind": "failed", "sentence": sentence, "plain": "", "errno": None, "file": "", "traceback": str(error),
            "lost": lost,
        }  # fmt: skip
