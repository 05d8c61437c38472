"""A study over BUSI at 256x256: time from one trial's end to the next one's first step, and memory trial by trial.

    python bench/between_trials.py --data FOLDER [--write]

The peer is what a script without a runner does for every trial: build, compile and trace the model anew.
"""

# ruff: noqa: E402  TensorFlow and JAX read what is prepared when they are imported

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import _machine as machine

from ultraseg import runtime

runtime.prepare(threads=2)
runtime.load()

from ultraseg import pipeline, program, study, trial
from ultraseg.collection import Collection, collect

TRIALS = 4
YAML = f"""
title: memory
data: {{from: busi, split: {{holdout: {{share: 0.5}}}}, validation: 0.5, size: [256, 256]}}
fixed: {{model: {{UNet: {{width: 16, batch_norm: true}}}}, batch: 8, epochs: 1}}
cross: {{optimizer.learning_rate: [0.001, 0.002], seed: {list(range(TRIALS // 2))}, fold: [0]}}
"""


def resident() -> float:
    """Memory of this process now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the trials in one process, then one program from scratch, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer-python", help="not used here: the peer is a program built anew")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "memory.yaml").write_text(YAML, encoding="utf-8")
        trials = study.load(str(place / "memory.yaml")).trials
        whole = collect(trials[0]["data"]["from"], root=given.data, cache=place)
        cache = pipeline.cached(whole, trials[0]["data"], trials[0]["preprocess"], place)
        rows, gaps = _run(trials, whole, cache, place)
        start = time.perf_counter()
        fresh = program.Program(trials[0])
        fresh.reset(0)
        fresh.seconds_per_step(cache.images[:8], cache.masks[:8, ..., None].astype("float32") / 255, steps=1)
        anew = time.perf_counter() - start
        peak = _peak()
        wide = {**trials[0], "model": {"UNet": {**trials[0]["model"]["UNet"], "width": 32}}}
        truth = cache.masks[:8, ..., None].astype("float32") / 255
        program.Program(wide).seconds_per_step(cache.images[:8], truth, steps=2)
    notes = [
        f"From a trial's end to the next one's first finished step: median {statistics.median(gaps):.2f} s, "
        f"slowest {max(gaps):.2f} s; a program built, traced and stepped anew takes {anew:.2f} s.",
        "",
        f"U-Net of width 16, depth 4, batch norm, batches of 8; {len(cache.images)} images, half of them tested at "
        f"their own size. Peak of the process: {peak:.0f} MiB; with three steps at width 32 added: {_peak():.0f} MiB.",
    ]
    page = machine.markdown(
        "Between two trials of a study: BUSI at 256x256, in one process",
        "python bench/between_trials.py --data BUSI",
        ["trial", "first step after", "memory at its end"],
        rows,
        notes,
    )
    machine.publish("between_trials", page, write=given.write)


def _run(trials, whole: Collection, cache: pipeline.Cache, place: Path):
    compiled, rows, gaps, ended = program.Program(trials[0]), [], [], time.perf_counter()
    for number, resolved in enumerate(trials):
        stepped: list[float] = []

        def watch(event, stepped=stepped):
            if event["kind"] == "step" and not stepped:
                stepped.append(time.perf_counter())

        trial.run(resolved, whole, cache, compiled, trials=place / "trials", watch=watch)
        gap = stepped[0] - ended
        ended = time.perf_counter()
        rows.append([str(number + 1), f"{gap:.2f} s" + ("" if number else ", tracing"), f"{resident():.0f} MiB"])
        if number:
            gaps.append(gap)
    return rows, gaps


if __name__ == "__main__":
    main()
