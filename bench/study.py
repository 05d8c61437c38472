"""Twelve trials as a study of ours, by KerasTuner's `GridSearch`, and in one fresh process each; and 10,000 planned.

    python bench/study.py [--data BUSI] [--write]

The first study is the demo of `optimizers` with a third seed; the second crosses the same on the network and at the
size of the demo of `architectures`; in the third every trial has a program of its own, so that nothing can be shared.
Every side is a command of its own, timed from its start to its end, with drawn images and decoded pixels in the cache
beforehand and 2 threads an operation. Ours writes its tables and figures within that time. KerasTuner comes with the
extra `bench`. With `--data`, 18 trials of `full_cross` at profile `cpu` show where a real study's time goes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _machine as machine
import yaml
from _study_page import FRESH, OURS, SAMPLED, SPREAD, TUNER, page

from ultraseg import pipeline, runner, runtime, study

HERE = Path(__file__).parent
SMALL = yaml.safe_load((HERE.parent / "studies" / "optimizers.yaml").read_text(encoding="utf-8"))
SEEDS = {"seed": [0, 1, 2]}
OWN = {"optimizer": ["sgd", "adam"], "loss": ["bce", "dice"], "model.width": [6, 7, 8], "seed": [0]}
SHORT = {"size": [32, 32], "validation": 0.25}
SHORT["from"] = {"phantom": {"images": 24, "size": [48, 48], "classes": ["benign", "malignant"]}}
UNSHARED = "a program for every trial"
STUDIES = {
    "U-Net of width 8": {},
    "U-Net on ResNet50": {"data": SHORT, "fixed": {"model": {"UNet": {"encoder": "ResNet50"}}, "epochs": 1}},
    UNSHARED: {"cross": OWN},
}
REAL, PART = "18 trials of full_cross on BUSI", ("run", "full_cross", "--profile", "cpu", "--shard", "2/8")
ULTRASEG = [sys.executable, "-c", "from ultraseg.cli import main; main()"]
PEER = [sys.executable, str(HERE / "_study_peers.py")]


def written(name: str, folder: Path) -> study.Study:
    """One of STUDIES as a YAML file in a folder, loaded."""
    tree = {key: SMALL[key] for key in ("title", "data", "fixed", "cross")}
    demo = SMALL["profiles"]["demo"]
    tree["data"] = {**tree["data"], **demo["data"], **STUDIES[name].get("data", {})}
    tree["fixed"] = {**tree["fixed"], "epochs": demo["fixed"]["epochs"], "model": {"UNet": {"width": 8, "depth": 3}}}
    tree["fixed"]["model"]["UNet"] |= {"decoder": "upsample", "batch_norm": True}
    tree["fixed"] |= STUDIES[name].get("fixed", {})
    tree["cross"] = STUDIES[name].get("cross", {**tree["cross"], **SEEDS})
    path = folder / "twelve.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return study.load(str(path))


def seconds(command: list[str], **environment: str) -> tuple[float, str]:
    """Wall-clock time of a command, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"study: {' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - start, done.stdout


def sides(name: str, folder: Path, cache: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of each side of one of STUDIES, and the parts of ours."""
    folder.mkdir()
    loaded = written(name, folder)
    jobs = runner.plan(loaded, root=cache / "phantoms", cache=cache)
    pipeline.cached(jobs[0].collection, jobs[0].trial["data"], jobs[0].trial["preprocess"], cache)
    axes = {axis: list(dict.fromkeys(str(cell.at[axis]) for cell in loaded.cells)) for axis in loaded.axes}
    axes["seed"] = list(dict.fromkeys(str(trial["seed"]) for trial in loaded.trials))
    trials = [
        ([*(str(cell.at[axis]) for axis in loaded.axes), str(trial["seed"])], trial)
        for cell in loaded.cells
        for trial in cell.trials
    ]
    place = {"root": str(cache / "phantoms"), "cache": str(cache), "axes": axes, "trials": trials}
    (folder / "study.json").write_text(json.dumps(place), encoding="utf-8")
    ours = ["run", str(folder / "twelve.yaml"), "--profile", "none", "--cache", str(cache), "--runs"]
    found = {"programs": float(len({job.program for job in jobs}))}
    found[OURS], _ = seconds([*ULTRASEG, *ours, str(folder / "one"), "--threads", "2"])
    shutil.rmtree(folder / "one")  # twelve ResNets are not to fill the disk
    found[TUNER], _ = seconds([*PEER, "tuner", str(folder)])
    if name == UNSHARED:
        return found, {}
    every = len(trials) // SAMPLED
    fresh = [seconds([*PEER, str(number), str(folder)])[0] for number in range(0, len(trials), every)]
    found[FRESH] = sum(fresh) * len(trials) / len(fresh)
    found[SPREAD], _ = seconds([*ULTRASEG, *ours, str(folder / "two"), "--threads", "1", "--workers", "2"])
    shutil.rmtree(folder / "two")
    return found, parts(*ours, str(folder / "parts"))


def parts(*command: str) -> dict[str, float]:
    """Seconds of `ultraseg run` by part."""
    clocks = [sys.executable, str(HERE / "_study_parts.py"), str(time.time()), *command]
    _, told = seconds([*clocks, "--threads", "2", "--workers", "0"])
    return json.loads(told.strip().splitlines()[-1])


def main() -> None:
    """Measure, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="BUSI's folder; without it the images are drawn, and no real study is timed")
    parser.add_argument("--peer-python", help="not used here: KerasTuner runs in this Python")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=STUDIES, help="one of the studies, to try it")
    given = parser.parse_args()
    runtime.prepare(threads=2)
    runtime.load()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        names = [given.only] if given.only else [*STUDIES]
        found = {n: sides(n, place / str(i), place / "cache") for i, n in enumerate(names)}
        split = {name: told for name, (_, told) in found.items() if told}
        if given.data and not given.only:
            split[REAL] = parts(
                *PART, "--data", given.data, "--runs", str(place / "real"), "--cache", str(place / "cache")
            )
        from _study_large import large

        many = large(place / "large")
    machine.publish("study", page(__doc__.split("\n\n")[2], found, split, many), write=given.write)


if __name__ == "__main__":
    main()
