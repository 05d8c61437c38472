"""A worker process whose trainer only acts: everything of a real one but TensorFlow, so that it comes up quickly.

Trials of the acted trainer are told what to do in their `trial`: `{"acts": ["epoch", "die", ...]}`.
"""

import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType

from ultraseg import runtime
from ultraseg.runner import worker
from ultraseg.runner._lease import claim

BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from tests.runner.acting import main; main()"


class Actor:
    """Does what an order's trial says, once per line of the file that counts its attempts."""

    def __init__(self):
        self.before = 0

    def worn(self, order):
        """After one order if it has said so, which would go on for ever if the process were not a fresh one."""
        return order.get("alone", False) and self.before > 0

    def __call__(self, order, tell):
        self.before += 1
        if order["do"] == "ask":
            tell({"kind": "answer", "threads": os.environ["TF_NUM_INTRAOP_THREADS"], "pid": os.getpid()})
            tell({"kind": "answer", "before": self.before})
            tell({"kind": "answer", "gpu": os.environ.get("CUDA_VISIBLE_DEVICES")})
            return
        if order["do"] == "refuse":
            raise ValueError(order["why"])
        trials, name = Path(order["trials"]), order["id"]
        lease = claim(trials, name, silent=frozenset(order["silent"]))
        if lease is None:
            tell({"kind": "elsewhere", "id": name})
            return
        with lease:
            self.perform(order["trial"]["acts"], lease.work, tell, name)
            lease.work.rename(trials / name)
        tell({"kind": "done", "id": name})

    def perform(self, acts, work, tell, name):
        """Each epoch leaves a line; an act that ends the process is done only once."""
        for act in acts:
            tell({"kind": "step", "id": name, "epoch": 0, "step": 0, "steps": 1})
            if act == "epoch":
                with (work / "epochs.txt").open("a") as out:
                    out.write(f"{os.getpid()}\n")
            elif act == "sleep":
                time.sleep(600)
            elif act in ("memory", "print") or not (work / act).exists():
                (work / act).touch()
                if act == "die":
                    os.kill(os.getpid(), signal.SIGKILL)
                elif act == "memory":
                    raise MemoryError
                elif act == "full":
                    raise OSError(28, "No space left on device", str(work / "backup.npz"))
                elif act == "print":
                    print("chatter of a library")


def main():
    """Be a worker with an actor for a trainer."""
    fake = ModuleType("ultraseg.runner._trainer")
    fake.Trainer = Actor
    sys.modules[fake.__name__] = fake
    runtime.load = lambda devices: None
    worker.main()
