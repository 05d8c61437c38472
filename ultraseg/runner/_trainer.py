"""What a worker does: check, time and train trials, keeping what it has compiled for as long as trials share it.

The only file of this room that loads TensorFlow. An order is what `Place.order` writes.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from ultraseg import cost, pipeline, runtime, trial
from ultraseg.collection import Collection, collect
from ultraseg.parts import parts
from ultraseg.program import Program
from ultraseg.runner._lease import Lease, Lost, claim
from ultraseg.sharing import program_key
from ultraseg.study import canonical, identity

Tell = Callable[[dict[str, Any]], None]
PAUSE = 0.1
"""Seconds between two steps that are told."""
WORN = 512.0
"""MiB that earlier programs may leave behind before the next one has a process of its own."""


class Trainer:
    """Does what orders say, one after another, in this process."""

    def __init__(self) -> None:
        self._collections: dict[str, Collection] = {}
        self._compiled: tuple[str, Program] | None = None
        self._fresh, self._left = runtime.memory_mib(), 0.0

    def worn(self, order: dict[str, Any]) -> bool:
        """Whether an order should be done by a fresh process, for what earlier programs have left in this one.

        oneDNN's allocator keeps all that it ever had, and TensorFlow some graphs: a small network after a large one
        would hold the memory of both, which is more than a machine may have, and is not what the small one costs.
        """
        if "trial" in order and self._compiled and self._compiled[0] != self._key(order["trial"], order["devices"]):
            self._forget()
        return "trial" in order and self._left > WORN

    def __call__(self, order: dict[str, Any], tell: Tell) -> None:
        """Do one order, and tell what happens; what fails is raised."""
        {"check": self._check, "probe": self._probe, "cache": self._cache, "run": self._run}[order["do"]](order, tell)

    def _check(self, order: dict[str, Any], tell: Tell) -> None:
        """Try steps, schedules and programs once, so that nothing starts which cannot end; keep the last program."""
        found: dict[str, None] = {}
        sizes: dict[str, tuple[int, int]] = {}
        for resolved in order["steps"]:
            try:
                trial.validate(resolved)
            except ValueError as error:
                found[str(error)] = None
        for resolved in order["programs"]:
            if self._compiled:
                self._forget()  # a study of large networks fills the memory otherwise
            try:
                program = trial.build(resolved, devices=order["devices"])
            except ValueError as error:
                found[str(error)] = None
                continue
            sizes[program_key(resolved)] = program.sizes()
            self._compiled = self._key(resolved, order["devices"]), program
            del program
        tell({"kind": "checked", "faults": list(found), "sizes": sizes})

    def _probe(self, order: dict[str, Any], tell: Tell) -> None:
        """Time two steps and answers; the memory is that of the whole process, so ask one that did nothing else."""
        resolved = order["trial"]
        collection = self._collection(order)
        pixels = pipeline.cached(collection, resolved["data"], resolved["preprocess"], Path(order["cache"]))
        start = time.perf_counter()
        program = self._program(resolved, order["devices"])
        building = time.perf_counter() - start
        batches = pipeline.training(
            pixels,
            parts(resolved, collection).train,
            classes=resolved["classes"],
            batch=resolved["batch"],
            augment=resolved["augment"],
            seed=0,
            epoch=0,
        )
        compiling, step, answer = program.pace(*next(iter(batches)))
        told = {"compiling": building + compiling, "seconds_per_step": step, "seconds_per_answer": answer}
        told["momentum"] = cost.momentum(program.network())
        tell({"kind": "probed", **told, "peak_memory_mib": runtime.peak_memory_mib()})

    def _cache(self, order: dict[str, Any], tell: Tell) -> None:
        """Decode a trial's pixels, or find them decoded, and tell where they lie."""
        resolved = order["trial"]
        pixels = pipeline.cached(
            self._collection(order), resolved["data"], resolved["preprocess"], Path(order["cache"])
        )
        tell({"kind": "cached", **{part: str(getattr(pixels, part).filename) for part in ("images", "masks")}})

    def _run(self, order: dict[str, Any], tell: Tell) -> None:
        """Train one trial, unless somebody else does."""
        resolved, name, trials = order["trial"], order["id"], Path(order["trials"])
        collection = self._collection(order)
        if (found := identity(resolved, collection.fingerprint)) != name:
            raise ValueError(f"{order['root']}: its images changed since {name} was planned (now {found})")
        lease = claim(trials, name, silent=frozenset(order.get("silent", ())))
        if lease is None:
            tell({"kind": "elsewhere", "id": name})
            return
        with lease:
            tell({"kind": "start", "id": name, "token": lease.token})
            program = self._program(resolved, order["devices"])
            pixels = pipeline.cached(collection, resolved["data"], resolved["preprocess"], Path(order["cache"]))
            try:
                trial.run(
                    resolved,
                    collection,
                    pixels,
                    program,
                    trials=trials,
                    determinism=order["determinism"],
                    work=lease.work,
                    track=order["track"],
                    watch=_Watch(name, lease, tell),
                )
            except Lost:
                tell({"kind": "elsewhere", "id": name})
                return
        tell({"kind": "done", "id": name})

    def _collection(self, order: dict[str, Any]) -> Collection:
        """Read a data set once."""
        spec, root = order["trial"]["data"]["from"], order["root"]
        key = canonical([spec, root])
        if key not in self._collections:
            self._collections[key] = collect(spec, root=Path(root), cache=Path(order["cache"]))
        return self._collections[key]

    def _program(self, resolved: dict[str, Any], devices: int) -> Program:
        """Compile a trial's program, or take the last one where it is the same."""
        key = self._key(resolved, devices)
        if self._compiled is None or self._compiled[0] != key:
            if self._compiled:
                self._forget()
            self._compiled = key, Program(resolved, devices=devices)
        return self._compiled[1]

    @staticmethod
    def _key(resolved: dict[str, Any], devices: int) -> str:
        return canonical([program_key(resolved), devices])

    def _forget(self) -> None:
        """Drop what is compiled, with all that Keras keeps of it, and see what stays."""
        self._compiled = None
        keras.backend.clear_session()
        gc.collect()
        held = runtime.memory_mib()
        self._left = held - self._fresh if held and self._fresh else 0.0


class _Watch:
    """Passes a trial's events on, a few steps a second, and ends the trial once its lease is lost."""

    def __init__(self, name: str, lease: Lease, tell: Tell):
        self._name, self._lease, self._tell, self._last = name, lease, tell, 0.0

    def __call__(self, event: dict[str, Any]) -> None:
        if self._lease.lost or event["kind"] == "written" and not self._lease.held():
            raise Lost(f"{self._name}: taken over by another runner")
        if event["kind"] == "step":
            now = time.monotonic()
            if now - self._last < PAUSE and event["step"] + 1 < event["steps"]:
                return
            self._last = now
        self._tell({**event, "id": self._name})
