"""The command line: `ultraseg list | check | run | status | report | bundle | rerun | export | predict | ...`."""

import errno
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli import _bundle, _executors
from ultraseg.cli._check import left_out, price, probed
from ultraseg.cli._data import data_app
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
from ultraseg.cli._screen import Progress, console, labels, watched
from ultraseg.cli._status import show
from ultraseg.cli._stopping import Stopped, stoppable

app = typer.Typer(
    help="Studies of segmentation networks on biomedical images, breast ultrasound first.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(data_app, name="data")

DEVIATION = 1e-3
"""Share of mask pixels that may differ between an exported model and its trial, whose answers are kept in 8 bits."""


def main() -> None:
    """Run the command line; what a user can cause ends in one sentence and an exit status that is not 0."""
    try:
        app()
    except Stopped as stopped:
        sentence = f"stopped by {stopped}; what is finished stays, give the same command again to go on"
        sys.exit(_say(sentence, 128 + stopped.number))
    except ValueError as error:
        sys.exit(_say(str(error), 2))
    except OSError as error:
        sys.exit(_say(_os_sentence(error), 3))
    except _exhausted() as error:
        if "No space left" in str(error):
            sys.exit(_say(_os_sentence(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), 3))
        sys.exit(_say("out of memory; take a smaller batch, size or width", 4))


@app.command("list")
def list_(
    room: Annotated[str, typer.Argument(help="models, losses, datasets, ...: list what a study may name there.")] = "",
    studies: Studies = STUDIES,
) -> None:
    """List the studies, or the members of a room with their options."""
    from rich.table import Table

    from ultraseg import catalogue, study

    if room:
        table = Table("name", "options and their defaults", "what it is", title=room)
        for name in catalogue.names(room):
            options = ", ".join(f"{key}={option.default!r}" for key, option in catalogue.options(room, name).items())
            table.add_row(name, options, catalogue.summary(room, name))
    else:
        if not study.available(studies):
            raise ValueError(f"{studies}: no studies there; start in the project's folder, or name one with --studies")
        table = Table("study", "title", "profiles", "trials", title="studies")
        for name in study.available(studies):
            profiles = study.profiles(name, studies)
            counts = [str(len(study.load(name, profile, studies).trials)) for profile in profiles]
            table.add_row(name, study.load(name, "", studies).file.title, "\n".join(profiles), "\n".join(counts))
        table.caption = f"rooms: {', '.join(catalogue.ROOMS)}; see `ultraseg list ROOM`"
    console().print(table)


@app.command()
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
    study, jobs, place = _prepare(name, profile, data, runs, cache, determinism, studies)
    place = replace(place, devices=number)
    counts = runner.count(jobs, trials=place.trials)
    with _crew(workers, threads, number) as crew:
        wrong, disk = _faults(counts.left, place, crew)
        if wrong:
            print("\n".join(f"invalid: {sentence}" for sentence in wrong))
            raise typer.Exit(2)
        given_up = f"{len(counts.failed)} given up (--retry tries them again), " if counts.failed else ""
        print(
            f"{study.name} at profile {study.profile or 'none'}: {len(study.cells)} rows, {len(jobs)} trials, "
            f"{len(counts.done)} of {counts.all} done, {given_up}{len(counts.left)} waiting; nothing is invalid"
        )
        print(f"data: {_describe(jobs)}")
        left_out(study, name, studies)
        if not counts.left:
            return
        costs = probed(counts.left, place, crew)
    price(costs, labels(study, jobs), crew.workers)
    print(
        f"disk: about {disk.stays / 2**20:,.0f} MiB stay in {place.trials}, {disk.passes / 2**20:,.0f} MiB more while "
        f"trials run; {disk.free / 2**20:,.0f} MiB are free"
    )


@app.command()
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
    study, jobs, place = _prepare(name, profile, data, runs, cache, determinism, studies)
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
    with stoppable(), _crew_of(executor, place, address, workers, threads, number, gpus_per_trial) as crew:
        left = runner.count(jobs, trials=place.trials).left
        crew.begin(1 if executor == "slurm" else len(left))
        wrong, _ = _faults(left, place, crew)
        if wrong:
            more = f" (and {len(wrong) - 1} more, see `ultraseg check`)" if len(wrong) > 1 else ""
            raise ValueError(f"{study.name}: {wrong[0]}{more}")
        _same_as_manifest(jobs)
        folder = _outline(study, jobs, runs)
        if executor == "slurm":
            crew.stop()
            words = _words(name, profile, runs, cache, threads, number, determinism, track, studies)
            told = _executors.submitted(words, workers or 1, queue=queue, runs=runs, data=data, wait=wait)
            if not wait:
                return
            _report(folder, runs)
            if told:
                raise typer.Exit(_say(told, 1))
            return
        with Progress(study, jobs, mine, place.trials) as progress:
            runner.local(mine, place=place, crew=crew, watch=progress)
        _pictures(folder, jobs, place, crew)
    _report(folder, runs)
    given_up = runner.count(mine, trials=place.trials).failed
    if given_up:
        names = ", ".join(job.id for job in given_up)
        sentence = f"{len(given_up)} of {len(mine)} trials were given up ({names}); see `ultraseg status {runs}`"
        raise typer.Exit(_say(f"{sentence}, and try them again with --retry", 1))


@app.command()
def status(
    folder: Annotated[Path, typer.Argument(help="A study's folder, or the one where trials and studies are written.")],
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every few seconds until all is done.")] = False,
) -> None:
    """Show which trials are done, running, given up and waiting; reads files only."""
    with stoppable():
        show(folder, watch=watch)


@app.command()
def report(
    name: Name,
    profile: Profile = "demo",
    runs: Runs = RUNS,
    conventions: Annotated[
        bool, typer.Option("--conventions", help="Score the same predictions under each report's convention instead.")
    ] = False,
) -> None:
    """Write a study's tables and figures again from its trials' folders, and print the table."""
    from ultraseg import catalogue, study

    title = study.locate(name)[0] if name.endswith((".yaml", ".yml")) else name.replace("/", "-")
    folder = runs / f"{title}-{profile}"
    known = [path.parent.name for path in runs.glob("*/study.json")]
    if folder.name not in known:
        near = f"{catalogue.unknown(folder.name, known, 'study')}; " if known else ""
        raise ValueError(f"{runs}: {near}run `ultraseg run {name} --profile {profile}` first")
    if conventions:
        from ultraseg.report import conventions as recompute

        for written in recompute(folder, trials=runs / "trials"):
            _print(written)
    else:
        _report(folder, runs)


@app.command()
def export(
    trial: Annotated[str, typer.Argument(help="A trial's id, or its folder.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The SavedModel's folder, new; RUNS/exports/ID if not given.")
    ] = None,
    data: Root = None,
    runs: Runs = RUNS,
    cache: Cache = CACHE,
    threads: Threads = 0,
) -> None:
    """Write a trial's model as a SavedModel that takes 8-bit images of any size and gives probability and mask."""
    from ultraseg import catalogue

    folder = Path(trial) if Path(trial).is_dir() else runs / "trials" / trial
    if not (folder / "trial.json").is_file():
        known = sorted(path.name for path in (runs / "trials").glob("[!.]*"))
        raise ValueError(f"{runs / 'trials'}: {catalogue.unknown(trial, known, 'trial')}")
    _start(threads)
    from ultraseg import collection, records
    from ultraseg.export import parity, saved_model

    saved = saved_model(folder, output or runs / "exports" / folder.resolve().name)
    print(f"wrote {saved}")
    spec = records.read_json(folder / "trial.json")["trial"]["data"]["from"]
    root = _root(spec, data, cache, optional=True)
    if root is None:
        print("not compared with the trial's own predictions: give its data with --data")
        return
    compared = parity(saved, folder, collection.collect(spec, root=root, cache=cache))
    print(compared.sentence())
    if compared.pixels > DEVIATION:
        raise ValueError(f"{saved}: answers otherwise than the trial did; do not use it, and export it again")


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A SavedModel that `ultraseg export` wrote.")],
    images: Annotated[list[Path], typer.Argument(help="Image files, or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where masks are written.")],
    overlays: Annotated[bool, typer.Option("--overlays", help="Draw each mask's outline over its image too.")] = False,
    threads: Threads = 0,
) -> None:
    """Write a mask for every image; a broken file is named, the others go on, and the exit status tells."""
    from collections import Counter

    from rich.progress import track

    _start(threads)
    from ultraseg.export import predict as predict_all

    found = predict_all(model, images, output, overlays=overlays, watch=lambda work: track(work, "predicting"))
    reasons = Counter(reason for _, reason in found.skipped)
    passed = "".join(f", {count} passed over ({reason})" for reason, count in reasons.items())
    print(f"{found.done} masks in {output}{passed}")
    for failure in found.failures:
        print(failure, file=sys.stderr)
    if found.failures:
        raise typer.Exit(1)


@app.command("convert")
def convert_(
    source: Annotated[
        Path,
        typer.Argument(
            help="smp's weights: .safetensors, .pth or a folder of save_pretrained; those of segmentation-models: .h5; "
            "to smp, a .keras."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="The file to write, or to replace when all is done: .keras, or to smp .safetensors."
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            help="The network, as in '{UNet: {encoder: ResNet34}}'; a folder of save_pretrained says it, and a .keras "
            "where it holds all that smp does."
        ),
    ] = "",
    to: Annotated[str, typer.Option(help="keras, or smp for the way back.")] = "keras",
    shape: Annotated[
        tuple[int, int, int] | None,
        typer.Option(help="Height, width and channels; any size and the weights' channels if not given."),
    ] = None,
    classes: Annotated[int | None, typer.Option(help="Classes; the weights' own if not given.")] = None,
    threads: Threads = 0,
) -> None:
    """Bring weights of segmentation_models.pytorch into a Keras model, or back; all of them or none."""
    from ultraseg import schema

    suffixes = {"keras": ".keras", "smp": ".safetensors"}
    if to not in suffixes:
        raise ValueError(f"--to: must be one of {', '.join(suffixes)}, got {to!r}")
    if output.suffix != suffixes[to]:
        raise ValueError(f"{output}: what is converted to {to} is written to a file whose name ends in {suffixes[to]}")
    if output.is_dir():
        raise ValueError(f"{output}: is a folder; name a file, which is made or replaced")
    try:
        spec = schema.parse(model) if model else None
    except ValueError as error:
        raise ValueError(f"--model: {error}") from None
    _start(threads)
    (_to_smp if to == "smp" else _to_keras)(source, output, spec, shape, classes)


def _to_keras(source: Path, output: Path, spec, shape, classes) -> None:
    from ultraseg import convert

    if source.suffix == ".h5":
        network, idle = convert.sm_model(source, spec, shape=shape, classes=classes), []
    else:
        spec = convert.agreed(spec, convert.configuration(source))
        arrays = convert.read(source)
        network = convert.build(spec, arrays, shape=shape, classes=classes)
        idle = convert.load_state_dict(network, arrays)
    convert.save(network, output)
    size = " x ".join("any" if side is None else str(side) for side in network.input_shape[1:])
    print(f"wrote {output}: {network.name}, images {size}, classes {network.output_shape[-1]}, all its weights read")
    if idle:
        print(f"left out {len(idle)} weights that smp holds and never runs, such as {idle[0]}")


def _to_smp(source: Path, output: Path, spec, shape, classes) -> None:
    from ultraseg import convert

    if shape is not None or classes is not None:
        raise ValueError("--shape, --classes: the model in a .keras file has its own")
    network = convert.load(source)
    name = convert.counterpart(network)
    arrays, drawn = convert.smp_weights(network, convert.state_dict(network), spec)
    convert.write(output, arrays)
    print(f"wrote {output}: {len(arrays)} arrays that smp.{name} loads strictly")
    if drawn:
        print(f"{len(drawn)} of them never run there and were drawn at random, such as {drawn[0]}")
    if convert.preprocesses(network):
        print(f"note: {source} changes pixels before its network sees them; a state dict does not")


def _start(threads: int, devices: int = 1) -> None:
    from ultraseg import runtime

    runtime.prepare(threads=threads, devices=devices)
    runtime.load(devices=devices)


def _prepare(name, profile, data, runs, cache, determinism, studies):
    """Load a study, read its data and name its trials; no TensorFlow here."""
    from ultraseg import runner, runtime
    from ultraseg import study as studies_

    if determinism not in runtime.LEVELS:
        raise ValueError(f"--determinism: must be one of {', '.join(runtime.LEVELS)}, got {determinism!r}")
    loaded = studies_.load(name, "" if profile == "none" else profile, studies)
    specs = {str(spec): spec for spec in (trial["data"]["from"] for trial in loaded.trials)}
    roots = {_root(spec, data, cache, profile=profile) for spec in specs.values()}
    if len(roots) > 1:
        raise ValueError(f"{name}: mixes phantoms with data from a folder; run them as two studies")
    place = runner.Place(roots.pop(), runs / "trials", cache, determinism)
    return loaded, runner.plan(loaded, root=place.root, cache=cache, watch=watched), place


_bundle.commands(app, prepare=_prepare, run=run)


def _crew(workers: int, threads: int, devices: int):
    """The processes that will do the work; this one, with its Keras loaded, where there shall be none."""
    from ultraseg import runner

    crew = runner.Crew(workers, threads=threads, devices=devices)
    if not workers:
        _start(threads, devices)
    return crew


def _crew_of(executor: str, place, address: str, workers: int | None, threads: int, devices: int, share: float | None):
    """The processes that will do the work of a run; those that check a study before it becomes jobs are here."""
    from ultraseg import runner

    if executor != "ray":
        return _crew(1 if workers is None or executor == "slurm" else workers, threads, devices)
    return runner.RayCrew(place, address=address, workers=workers, threads=threads, gpus_per_trial=share)


def _words(name, profile, runs, cache, threads, devices, determinism, track, studies) -> list[str]:
    """The command by which a job runs its part of a study; the data's folder is in its environment."""
    options = {"--profile": profile, "--runs": runs, "--cache": cache, "--threads": threads, "--studies": studies}
    given = [word for key, value in options.items() for word in (key, str(value))]
    tracked = [word for each in track or () for word in ("--track", each)]
    return ["run", name, "--determinism", determinism, "--devices", str(devices), *given, *tracked]


def _faults(left, place, crew):
    """What is invalid, by a worker that a large network may have killed."""
    from ultraseg import runner

    try:
        return runner.faults(left, place=place, ask=crew.ask, at_once=max(1, crew.workers))
    except runner.Died as died:
        return [f"building a program: {died}; take a smaller size or width"], None


def _root(spec, data: Path | None, cache: Path, *, profile: str = "", optional: bool = False) -> Path | None:
    reader = next(iter(spec))
    if reader == "phantom":
        if any(word.split("=")[0] == "--data" for word in sys.argv) and not optional:
            raise ValueError(
                f"--data: profile {profile!r} draws phantoms and reads no folder; choose another profile, such as "
                "--profile cpu, or leave --data out"
            )
        return cache / "phantoms"
    if data is None and not optional:
        raise ValueError(f"this study reads the data set {reader!r}; name its folder with --data or ULTRASEG_DATA")
    return data


def _describe(jobs) -> str:
    first = jobs[0]
    train, validation, test = first.images
    return (
        f"{first.collection.source}, {len(first.collection.samples)} images; fold {first.trial['fold']} trains on "
        f"{train}, validates on {validation}, tests on {test}"
    )


def _same_as_manifest(jobs) -> None:
    """Say when a folder is not the published data set that the committed manifest names."""
    from ultraseg import samples

    for fingerprint, found in {job.collection.fingerprint: job.collection for job in jobs}.items():
        known = Path("data") / f"{found.source.lower()}.csv"
        if known.is_file() and "first" not in str(jobs[0].trial["data"]["from"]):
            want = {row.id: row for row in samples.read_manifest(known)}
            pixels = {name: (row.sha256, row.mask_sha256) for name, row in want.items()}
            differ = [row.id for row in found.rows if pixels.get(row.id) != (row.sha256, row.mask_sha256)]
            if differ:
                print(f"note: {len(differ)} images differ from {known}, such as {differ[0]} ({fingerprint[:12]})")


def _outline(study, jobs, runs: Path) -> Path:
    """Write what the report needs to know about a study; before it runs, so that a killed one can be reported."""
    from ultraseg.report import outline

    folder = runs / f"{study.name}-{study.profile or 'none'}"
    sources = " and ".join(sorted({job.collection.source for job in jobs}))
    reads = "" if jobs[0].trial["data"]["from"].keys() == {"phantom"} else " --data FOLDER"
    typed = next((word for word in sys.argv if word.endswith((".yaml", ".yml"))), study.name)
    command = f"ultraseg run {Path(typed).name} --profile {study.profile or 'none'}{reads}"
    outline(study, [job.id for job in jobs], folder=folder, data=sources, command=command)
    return folder


def _pictures(folder: Path, jobs, place, crew) -> None:
    """Leave the pixels of the images that the report's panels show."""
    import numpy as np

    from ultraseg.report import leave, wanted

    names = wanted(folder, trials=place.trials)
    for job in jobs:
        rows = enumerate(job.collection.samples)
        at = {name: (index, place) for index, sample in rows for place, name in enumerate(sample.measured_as)}
        if set(names) <= at.keys():
            break
    if not names:
        return
    told = crew.ask(place.order(job, do="cache"))
    images, masks = (np.load(told[part], mmap_mode="r") for part in ("images", "masks"))
    masks = masks[..., None] if masks.ndim == 3 else masks
    leave(folder, names, [images[at[n][0]] for n in names], [masks[at[n][0]][..., at[n][1]] for n in names])


def _report(folder: Path, runs: Path) -> None:
    from ultraseg.report import report as write

    _print(write(folder, trials=runs / "trials"))


def _print(written) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(*map(escape, written.headers), title=escape(written.heading))
    for row in written.rows:
        table.add_row(*map(escape, row))
    console().print(table)
    for sentence in written.beneath:
        print(f"* {sentence}")
    for path in written.files.values():
        print(path)


def _exhausted() -> tuple[type[BaseException], ...]:
    """What Python and TensorFlow, where it is loaded, raise when memory, or TensorFlow's disk, is full."""
    loaded = sys.modules.get("tensorflow")
    return (MemoryError, loaded.errors.ResourceExhaustedError) if loaded else (MemoryError,)


def _say(sentence: str, code: int) -> int:
    print(f"ultraseg: {sentence}", file=sys.stderr)
    return code


def _os_sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{where}{os.strerror(error.errno)}; make room and give the same command again, what is finished stays"
    return f"{where}{error.strerror or error}"
