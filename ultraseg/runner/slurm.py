"""A study as an array of Slurm jobs, each of which runs its part by the same command as on one machine.

Source: submitit, whose executor writes the sbatch file, and requeues a job that Slurm tells of its end with a signal.
Departure: the work is a command in a process of its own, so that what is pickled is text, and that what is told to end
does so as it does on a terminal.
"""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SHARED = (
    "name", "timeout_min", "mem_gb", "nodes", "cpus_per_task", "gpus_per_node", "tasks_per_node", "stderr_to_stdout",
)  # fmt: skip
"""Parameters that submitit translates for every cluster; Slurm's own want a prefix there."""
COMMAND = "from ultraseg.cli import main; main()"
GRACE = 15.0
"""Seconds that a command has between being asked to end and being killed."""
MINUTES = 240
"""Time limit of a job where none is given."""
REQUEUES = 1000
"""How often a job may go on after its time limit."""


def slurm_queue(parameters: dict[str, Any], *, logs: Path) -> Any:
    """Check what is asked of Slurm, before anything is submitted.

    Args:
        parameters: of `submitit.AutoExecutor.update_parameters`; a name that is not one of all clusters' is Slurm's own
            (`partition`, `account`, `constraint`, ...), and `cluster: local` runs the jobs here.
        logs: the folder, seen by all machines, for what jobs print and for submitit's own files.

    Returns:
        submitit's executor.

    Raises:
        ValueError: submitit is not installed, knows no such parameter or finds no Slurm.
    """
    if importlib.util.find_spec("submitit") is None:
        raise ValueError("--executor slurm: wants the package submitit; `pip install 'ultraseg[slurm]'` brings it")
    import submitit

    given = {"timeout_min": MINUTES, "name": "ultraseg", **parameters}
    cluster = str(given.pop("cluster", "slurm"))
    given = {key if key in SHARED or key.startswith("slurm_") else f"slurm_{key}": given[key] for key in given}
    try:
        executor = submitit.AutoExecutor(logs, cluster=cluster, slurm_max_num_timeout=REQUEUES)
        executor.update_parameters(**given)
    except (NameError, ValueError, AssertionError, TypeError, RuntimeError) as error:
        raise ValueError(f"--executor slurm: {' '.join(str(error).split())}") from None
    return executor


def submit(commands: Sequence[Sequence[str]], *, queue: Any, environment: dict[str, str] | None = None) -> list[Any]:
    """Submit commands, as one array.

    Args:
        commands: words after `ultraseg`, a job each; they run in the folder of this process.
        queue: from `slurm_queue`.
        environment: what the jobs' environment has besides this one's.

    Returns:
        submitit's jobs; the result of each is its command's exit status.

    Raises:
        ValueError: Slurm refuses them.
        OSError: the folder of logs cannot be written.
    """
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    same = ([each] * len(commands) for each in (str(Path.cwd()), environment or {}))
    try:
        return queue.map_array(work, [list(words) for words in commands], *same)
    except (FailedJobError, FailedSubmissionError) as error:
        raise ValueError(f"--executor slurm: sbatch refused the jobs: {' '.join(str(error).split())}") from None


def work(words: list[str], folder: str, environment: dict[str, str]) -> int:
    """Run a command until it ends, or until this process is told to; what a job does.

    Args:
        words: after `ultraseg`.
        folder: where it runs.
        environment: as `submit` takes it.

    Returns:
        Its exit status.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *words],
        cwd=folder,
        env={**os.environ, **environment},
        start_new_session=True,  # Slurm signals the whole group, and the command must not end before it is asked to
    )
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()


def _again(words: list[str], folder: str, environment: dict[str, str]) -> Any:
    """What submitit requeues when time is over: the same; what is finished is not done again."""
    import submitit

    return submitit.helpers.DelayedSubmission(work, words, folder, environment)


work.checkpoint = _again
