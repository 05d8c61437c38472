"""Where `ultraseg run` has trials done: by processes here, on a Ray cluster, or by an array of Slurm jobs."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

EXECUTORS = ("local", "ray", "slurm")
OWN = {"ray": ("--address", "--gpus-per-trial"), "slurm": ("--slurm", "--wait")}
"""Options that only one executor has."""

Executor = Annotated[
    str,
    typer.Option(
        help="local: processes of this machine; ray: a Ray cluster (extra `ray`); slurm: an array of jobs (extra "
        "`slurm`). For the last two --runs, --cache and --data must lie where every node sees them under the same path."
    ),
]
Address = Annotated[
    str, typer.Option(help="Of a Ray cluster: HOST:PORT, ray://HOST:PORT or auto; empty starts one on this machine.")
]
Share = Annotated[
    float | None,
    typer.Option(help="GPUs of one trial on Ray, 0.5 too; 1 if not given, where a node has any, else 0."),
]
Slurm = Annotated[
    list[str] | None,
    typer.Option(
        "--slurm",
        help="KEY=VALUE of submitit or Slurm, such as partition=gpu, timeout_min=240, mem_gb=16, gpus_per_node=1; may "
        "be given several times.",
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until the Slurm jobs have ended, then print the table.")]


def refuse(executor: str, options: dict[str, Any]) -> None:
    """Refuse an executor that there is not, and options of another.

    Raises:
        ValueError: that is so; the message names the option.
    """
    if executor not in EXECUTORS:
        raise ValueError(f"--executor: must be one of {', '.join(EXECUTORS)}, got {executor!r}")
    for owner, names in OWN.items():
        for name in names:
            if owner != executor and options[name]:
                raise ValueError(f"{name}: is for --executor {owner}; this run has --executor {executor}")


def devices(executor: str, told: str, workers: int) -> int:
    """Read how many devices one training shall have, as `runner.devices_of`; elsewhere only a number can be meant.

    Raises:
        ValueError: it cannot be so.
    """
    if executor == "local":
        from ultraseg.runner import devices_of

        return devices_of(told, workers)
    if told == "all":
        raise ValueError(f"--devices all: counts the GPUs of this machine; give a number for --executor {executor}")
    if not (told.isascii() and told.isdigit() and int(told) > 0):
        raise ValueError(f"--devices: a number from 1 wanted, got {told!r}")
    return int(told)


def slurm_parameters(pairs: list[str]) -> dict[str, Any]:
    """Read KEY=VALUE, numbers as such.

    Raises:
        ValueError: one is not written so.
    """
    import yaml

    found = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not (key.isidentifier() and mark and value):
            raise ValueError(f"--slurm: write KEY=VALUE, such as partition=gpu, got {pair!r}")
        found[key] = value if ":" in value else yaml.safe_load(value)  # 1:30:00 is no number here
    return found


def submitted(words: list[str], workers: int, *, queue: Any, runs: Path, data: Path | None, wait: bool) -> str:
    """Submit a study in as many parts as there are workers, and say what was submitted.

    Returns:
        A sentence on jobs that did not end well; empty where all did, or nobody waits.
    """
    from ultraseg import runner

    jobs = runner.submit(
        [[*words, "--shard", f"{number}/{workers}"] for number in range(1, workers + 1)],
        queue=queue,
        environment={} if data is None else {"ULTRASEG_DATA": str(data.absolute())},
    )
    names = ", ".join(job.job_id for job in jobs)
    print(f"submitted {len(jobs)} jobs: {names}; what they print is in {runs / 'slurm'}")
    if not wait:
        print(f"`ultraseg status {runs}` shows how far they are; `ultraseg report` writes the table when they are done")
        return ""
    sys.stdout.flush()
    wrong = [job.job_id for job in jobs if job.exception() or job.result()]
    return f"jobs that did not end well: {', '.join(wrong)}; see {runs / 'slurm'}" if wrong else ""
