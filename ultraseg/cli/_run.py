"""The commands `ultraseg check`, `ultraseg run` and `ultraseg status`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli import _executors
from ultraseg.cli._check import left_out, price, probed
from ultraseg.cli._crews import executor_crew, faults, processes
from ultraseg.cli._executors import Address, Executor, Share, Slurm, Wait
from ultraseg.cli._options import (
    CACHE,
    RUNS,
    STUDIES,
    Cache,
    Determinism,
    Devices,
    Name,
    Profile,
    Root,
    Runs,
    Studies,
    Threads,
    Workers,
)
from ultraseg.cli._prepare import describe, prepare, same_as_manifest
from ultraseg.cli._report import folder_of, leave_pictures, show_report, write_outline
from ultraseg.cli._saying import say
from ultraseg.cli._screen import Progress, labels
from ultraseg.cli._status import show
from ultraseg.cli._stopping import stoppable


def check(
    name: Name,
    profile: Profile = "demo",
    data: Root = None,
    runs: Runs = RUNS,
    cache: Cache = CACHE,
    threads: Threads = 0,
    determinism: Determinism = "seeded",
    workers: Workers = 1,
    devices: Devices = "1",
    studies: Studies = STUDIES,
) -> None:
    """Validate a study, count its trials and estimate what they take from two training steps of each program."""
    from ultraseg import runner

    number = runner.devices_of(devices, workers)
    study, jobs, place = prepare(name, profile, data, runs, cache, determinism, studies)
    place = replace(place, devices=number)
    counts = runner.count(jobs, trials=place.trials)
    with processes(workers, threads, number) as crew:
        wrong, disk = faults(counts.left, place, crew)
        if wrong:
            print("\n".join(f"invalid: {sentence}" for sentence in wrong))
            raise typer.Exit(2)
        given_up = f"{len(counts.failed)} given up (--retry tries them again), " if counts.failed else ""
        print(
            f"{study.name} at profile {study.profile or 'none'}: {len(study.cells)} rows, {len(jobs)} trials, "
            f"{len(counts.done)} of {counts.all} done, {given_up}{len(counts.left)} waiting; nothing is invalid"
        )
        print(f"data: {describe(jobs)}")
        left_out(study, name, studies)
        if not counts.left:
            return
        costs = probed(counts.left, place, crew)
    price(costs, labels(study, jobs), crew.workers)
    print(
        f"disk: about {disk.stays / 2**20:,.0f} MiB stay in {place.trials}, {disk.passes / 2**20:,.0f} MiB more while "
        f"trials run; {disk.free / 2**20:,.0f} MiB are free"
    )


def run(
    name: Name,
    profile: Profile = "demo",
    data: Root = None,
    runs: Runs = RUNS,
    cache: Cache = CACHE,
    threads: Threads = 0,
    determinism: Determinism = "seeded",
    workers: Annotated[
        int | None,
        typer.Option(
            help="Trials that run at a time, each in its own process (on Slurm, jobs); 0 runs them in this process; "
            "1 if not given, on Ray as many as the cluster has room for."
        ),
    ] = None,
    devices: Devices = "1",
    executor: Executor = "local",
    address: Address = "",
    gpus_per_trial: Share = None,
    slurm: Slurm = None,
    wait: Wait = False,
    shard: Annotated[str, typer.Option(help="K/N: run the K-th of N equal parts of the study, from 1.")] = "",
    retry: Annotated[bool, typer.Option("--retry", help="Try trials again that failed twice.")] = False,
    track: Annotated[
        list[str] | None, typer.Option(help="wandb or mlflow: follow the trainings there too; may be given twice.")
    ] = None,
    studies: Studies = STUDIES,
) -> None:
    """Run the trials of a study that are missing, then print its table beside the published one."""
    from ultraseg import records, runner, tracking

    tracking.refuse(track or ())
    only = {"--address": address, "--gpus-per-trial": gpus_per_trial is not None, "--slurm": slurm, "--wait": wait}
    _executors.refuse(executor, only)
    parameters = _executors.slurm_parameters(slurm or [])
    if executor == "slurm" and (shard or workers == 0):
        raise ValueError(
            "--executor slurm: has a shard for each job, as many as --workers says, 1 or more; leave --shard out"
        )
    number = _executors.devices(executor, devices, 1 if workers is None else workers)
    study, jobs, place = prepare(name, profile, data, runs, cache, determinism, studies)
    place = replace(place, track=tuple(track or ()), devices=number)
    mine = runner.shard(jobs, shard) if shard else jobs
    if retry:
        for job in mine:
            records.failure(place.trials, job.id).unlink(missing_ok=True)
    if executor == "ray":
        place = place.absolute()
    if executor == "slurm":
        shared = {"cpus_per_task": threads} if threads else {}
        queue = runner.slurm_queue({**shared, **parameters}, logs=(runs / "slurm").absolute())
    with stoppable(), executor_crew(executor, place, address, workers, threads, number, gpus_per_trial) as crew:
        left = runner.count(jobs, trials=place.trials).left
        crew.begin(1 if executor == "slurm" else len(left))
        wrong, _ = faults(left, place, crew)
        if wrong:
            more = f" (and {len(wrong) - 1} more, see `ultraseg check`)" if len(wrong) > 1 else ""
            raise ValueError(f"{study.name}: {wrong[0]}{more}")
        same_as_manifest(jobs)
        folder = write_outline(study, jobs, runs)
        if executor == "slurm":
            crew.stop()
            words = _words(name, profile, runs, cache, threads, number, determinism, track, studies)
            told = _executors.submitted(words, workers or 1, queue=queue, runs=runs, data=data, wait=wait)
            if not wait:
                return
            show_report(folder, runs)
            if told:
                raise typer.Exit(say(told, 1))
            return
        with Progress(study, jobs, mine, place.trials) as progress:
            runner.local(mine, place=place, crew=crew, watch=progress)
        leave_pictures(folder, jobs, place, crew)
    show_report(folder, runs)
    given_up = runner.count(mine, trials=place.trials).failed
    if given_up:
        names = ", ".join(job.id for job in given_up)
        sentence = f"{len(given_up)} of {len(mine)} trials were given up ({names}); see `ultraseg status {runs}`"
        raise typer.Exit(say(f"{sentence}, and try them again with --retry", 1))


def status(
    name: Annotated[
        str,
        typer.Argument(help="A study's name or its YAML file, its folder, or the one where studies are written."),
    ],
    profile: Profile = "demo",
    runs: Runs = RUNS,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every few seconds until all is done.")] = False,
) -> None:
    """Show which trials are done, running, given up and waiting; reads files only."""
    folder = Path(name)
    with stoppable():
        show(folder if folder.is_dir() or folder == runs else folder_of(name, profile, runs), watch=watch)


def _words(name, profile, runs, cache, threads, devices, determinism, track, studies) -> list[str]:
    """The command by which a job runs its part of a study; the data's folder is in its environment."""
    options = {"--profile": profile, "--runs": runs, "--cache": cache, "--threads": threads, "--studies": studies}
    given = [word for key, value in options.items() for word in (key, str(value))]
    tracked = [word for each in track or () for word in ("--track", each)]
    return ["run", name, "--determinism", determinism, "--devices", str(devices), *given, *tracked]
