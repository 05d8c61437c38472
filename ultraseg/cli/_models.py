"""The commands for models: `ultraseg export`, `predict` and `convert`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli import _starting
from ultraseg.cli._options import CACHE, RUNS, Cache, Root, Runs, Threads
from ultraseg.cli._prepare import data_root

DEVIATION = 1e-3
"""Share of mask pixels that may differ between an exported model and its trial, beyond the 8 bits of its answers."""


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
    _starting.start(threads)
    from ultraseg import collection, records
    from ultraseg.export import parity, saved_model

    saved = saved_model(folder, output or runs / "exports" / folder.resolve().name)
    print(f"wrote {saved}")
    spec = records.read_json(folder / "trial.json")["trial"]["data"]["from"]
    root = data_root(spec, data, cache, optional=True)
    if root is None:
        print("not compared with the trial's own predictions: give its data with --data")
        return
    compared = parity(saved, folder, collection.collect(spec, root=root, cache=cache))
    print(compared.sentence())
    if compared.pixels > DEVIATION:
        raise ValueError(f"{saved}: answers otherwise than the trial did; do not use it, and export it again")


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

    _starting.start(threads)
    from ultraseg.export import predict as predict_all

    found = predict_all(model, images, output, overlays=overlays, watch=lambda work: track(work, "predicting"))
    reasons = Counter(reason for _, reason in found.skipped)
    passed = "".join(f", {count} passed over ({reason})" for reason, count in reasons.items())
    broken = f", {len(found.failures)} broken" if found.failures else ""
    print(f"{found.done} masks in {output}{passed}{broken}")
    for failure in found.failures:
        print(failure, file=sys.stderr)
    if found.failures:
        raise typer.Exit(1)


def convert(
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
    _starting.start(threads)
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
