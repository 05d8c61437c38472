"""A crew on a Ray cluster: Ray finds each worker its node, cores and share of a GPU, and tells when a node is lost.

Source: Moritz et al., 2018, Ray: a distributed framework for emerging AI applications (arXiv:1712.05889), actors.
Departure: an actor that is lost is not restarted by Ray, which would know nothing of the trial that it was at; the
runner starts another and lets the trial go on there from its last epoch.
"""

import importlib.util
import math
import time
import uuid
from pathlib import Path
from typing import Any

from ultraseg.runner._asking import Asking
from ultraseg.runner._jobs import Place
from ultraseg.runner._process import Event
from ultraseg.runner._ray_cluster import join, nodes


class RayCrew(Asking):
    """Workers on a Ray cluster that see one folder.

    Attributes:
        workers: how many there may be at a time; those that find no room wait until a node has it.
        processes: those that were started, by slot from 0.
    """

    def __init__(
        self,
        place: Place,
        *,
        address: str = "",
        workers: int | None = None,
        threads: int = 0,
        gpus_per_trial: float | None = None,
    ):
        """Join a cluster, or start one on this machine; workers are started when there is work.

        Args:
            place: absolute, the same on every node.
            address: of a running cluster, HOST:PORT, ray://HOST:PORT or auto; empty starts one that ends with the crew.
            workers: trials at a time; as many as the cluster has room for now if not given.
            threads: cores that one worker takes and one operation of it may use; 0 is 1.
            gpus_per_trial: GPUs that one worker takes, parts of one too; if not given, one for each device of a
                training where some node has them.

        Raises:
            ValueError: Ray is not installed, a number is out of its range, no cluster is there, or no node of it is
                large enough for one worker.
        """
        if importlib.util.find_spec("ray") is None:
            raise ValueError("--executor ray: wants the package ray; `pip install 'ultraseg[ray]'` brings it")
        if workers is not None and workers < 1:
            raise ValueError(f"--workers: at least 1 wanted on Ray, got {workers}")
        if threads < 0:
            raise ValueError(f"--threads: at least 0 wanted, got {threads}; 0 gives each worker one core on Ray")
        share = gpus_per_trial or 0
        if share < 0 or share > 1 and share != int(share):
            raise ValueError(f"--gpus-per-trial: a part of one GPU or a whole number wanted, got {gpus_per_trial}")
        if gpus_per_trial is not None and place.devices > 1 and share != place.devices:
            raise ValueError(
                f"--gpus-per-trial: {place.devices} wanted with --devices {place.devices}, got {gpus_per_trial}"
            )
        self.processes: dict[int, Any] = {}
        self._threads, self._share, self._marks = threads or 1, share, []
        self._place = place
        join(address)
        try:
            if gpus_per_trial is None:
                there = any(node.get("GPU", 0) >= place.devices for node in nodes())
                self._share = float(place.devices if there else 0)
            room = self._room()
            if not room:
                raise ValueError(f"--executor ray: {self._narrow()}")
        except ValueError:
            self.stop()
            raise
        self.workers = workers or room

    def start(self, slot: int) -> Any:
        """Have Ray look for a place for the worker of a slot.

        Raises:
            ChildProcessError: no node is left that is large enough.
        """
        import ray

        from ultraseg.runner._ray_process import Keeper, RayProcess

        if not self._room():
            raise ChildProcessError(f"--executor ray: {self._narrow()}; what is finished stays")
        actor = ray.remote(Keeper).options(num_cpus=self._threads, num_gpus=self._share, max_restarts=0)
        seen = [*map(str, self._marked()), str(self._place.root)]
        self.processes[slot] = RayProcess(
            actor.remote(self._threads, None if self._share else "", self._place.devices), seen
        )
        return self.processes[slot]

    def wait(self, seconds: float) -> list[int]:
        """Wait until workers have something to tell, or have ended.

        Returns:
            Their slots; none when the time is over.
        """
        import ray

        asked = {process.answer: slot for slot, process in self.processes.items() if process.answer is not None}
        if not asked:
            time.sleep(seconds)
            return []
        ray.wait([*asked], timeout=seconds)
        told, _ = ray.wait([*asked], num_returns=len(asked), timeout=0)  # all of them, so that none is passed over
        return [asked[answer] for answer in told]

    def bury(self, slot: int) -> Event:
        """Take a worker that has ended out of its slot, and say why it ended, as a `failed` event."""
        return self.processes.pop(slot).last_words()

    def stop(self) -> None:
        """End all workers and leave the cluster; one that this crew has started ends too."""
        import ray

        for process in self.processes.values():
            process.end()
        self.processes.clear()
        for mark in self._marks:
            mark.unlink(missing_ok=True)
        self._marks.clear()
        ray.shutdown()

    def _marked(self) -> list[Path]:
        """Files of a name that nobody else has, by which a node shows that its folders are these."""
        if not self._marks:
            for folder in (self._place.trials, self._place.cache):
                folder.mkdir(parents=True, exist_ok=True)
                self._marks.append(folder / f".{uuid.uuid4().hex}.shared")
                self._marks[-1].touch()
        return self._marks

    def _room(self) -> int:
        """How many workers the nodes could hold if they did nothing else."""
        room = 0
        for node in nodes():
            fit = int(node.get("CPU", 0) // self._threads)
            if self._share:
                cards = node.get("GPU", 0)
                most = cards // self._share if self._share > 1 else cards * math.floor(1 / self._share)
                fit = min(fit, int(most))
            room += fit
        return room

    def _narrow(self) -> str:
        there = "; ".join(f"{node.get('CPU', 0):g} cores and {node.get('GPU', 0):g} GPUs" for node in nodes())
        return (
            f"no node has the {self._threads} cores and {self._share:g} GPUs of a worker (there is {there or 'none'})"
        )
