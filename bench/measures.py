"""Surface measures against MONAI and surface-distance, by value and by time, and what all measures of BUSI cost.

    python bench/measures.py [--data FOLDER] [--peer-python PYTHON] [--write]

Three questions, in one run. Do Hausdorff, HD95, ASSD and NSD equal MONAI's on the 500 mask pairs of the tests, and how
far are other conventions on masks of lesions? How much faster are ours than MONAI's, in turns, on masks of BUSI's size?
How long does it take, and how much memory, to measure 780 images in every way? Lesions are BUSI's with `--data`, else
phantoms of that size. The peer, this same file run by a Python that has MONAI and surface-distance and not this
package, is a process of its own; without one (`--peer-python` or ULTRASEG_PEER) only our side is measured.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

THREADS, ROUNDS, TIMED, TOLERANCE = 2, 5, 60, 2.0
IMAGES, SIZE = 780, (500, 600)
NAMES = ("hausdorff", "hausdorff95", "assd", "nsd")
LIMIT, FASTER, SECONDS = 1e-4, 10, 60


def peer(folder):
    """Answer every line on stdin: `values SET` with a file of numbers, `NAME` or `all` with the seconds of the set."""
    np.Inf = np.inf  # surface-distance 0.1 was written for NumPy 1
    import monai
    import surface_distance
    import torch
    from monai import metrics

    torch.set_num_threads(THREADS)
    calls = {
        "hausdorff": lambda found, truth: metrics.compute_hausdorff_distance(found, truth, include_background=True),
        "hausdorff95": lambda found, truth: metrics.compute_hausdorff_distance(
            found, truth, include_background=True, percentile=95
        ),
        "assd": lambda found, truth: metrics.compute_average_surface_distance(
            found, truth, include_background=True, symmetric=True
        ),
        "nsd": lambda found, truth: metrics.compute_surface_dice(found, truth, [TOLERANCE], include_background=True),
    }

    def others(truth, found):
        apart = surface_distance.compute_surface_distances(truth > 0, found > 0, (1.0, 1.0))
        return [
            surface_distance.compute_robust_hausdorff(apart, 100),
            surface_distance.compute_robust_hausdorff(apart, 95),
            np.mean(surface_distance.compute_average_surface_distance(apart)),
            surface_distance.compute_surface_dice_at_tolerance(apart, TOLERANCE),
        ]

    loaded = {}
    for name in ("tests", "lesions"):
        with np.load(Path(folder) / f"{name}.npz") as arrays:
            pairs = [arrays[str(index)] for index in range(len(arrays.files))]
        loaded[name] = (pairs, [[torch.from_numpy(mask)[None, None] for mask in pair] for pair in pairs])
    versions = f"MONAI {monai.__version__}, PyTorch {torch.__version__}, "
    print(json.dumps(versions + f"surface-distance {importlib.metadata.version('surface-distance')}"), flush=True)
    for line in sys.stdin:
        what, _, which = line.strip().partition(" ")
        if what == "values":
            pairs, tensors = loaded[which]
            values = [[float(call(found, truth)) for call in calls.values()] for truth, found in tensors]
            np.savez(Path(folder) / f"{which}-found.npz", monai=values, other=[others(*pair) for pair in pairs])
            print(json.dumps("done"), flush=True)
            continue
        wanted = list(calls.values()) if what == "all" else [calls[what]]
        start = time.perf_counter()
        for truth, found in loaded["lesions"][1]:
            for call in wanted:
                call(found, truth)
        print(json.dumps(time.perf_counter() - start), flush=True)


def four(truth, found):
    """Our four measures of one pair, edges and distances taken once."""
    from ultraseg.metrics.assd import assd_of
    from ultraseg.metrics.hausdorff import hausdorff_of
    from ultraseg.metrics.hausdorff95 import hausdorff95_of
    from ultraseg.metrics.nsd import nsd_of
    from ultraseg.surfaces import distances

    apart = distances(truth, found)
    return hausdorff_of(apart), hausdorff95_of(apart), assd_of(apart), nsd_of(apart, tolerance=TOLERANCE)


def ours(what, pairs):
    """Seconds of ours for a set of pairs."""
    from ultraseg.metrics import hausdorff95

    measure = four if what == "all" else hausdorff95
    start = time.perf_counter()
    for truth, found in pairs:
        measure(truth, found)
    return time.perf_counter() - start


def medpys(truth, found):
    """HD95 and ASSD as medpy has them, of our distances: percentile of the joint list, mean of two means."""
    from ultraseg.surfaces import distances

    apart = distances(truth, found)
    return np.percentile(np.concatenate(apart), 95), np.mean([way.mean() for way in apart])


def scenes(data, folder):
    """A function from an index to the truth of an image, `[height, width]`, and how many there are."""
    from ultraseg import pixels
    from ultraseg.collection import collect
    from ultraseg.datasets.phantom import draw

    if data is None:
        return lambda index: (draw(index, size=SIZE, seed=0)[1] > 0).astype(np.uint8), IMAGES
    collection = collect("busi", root=data, cache=folder)

    def read(index):
        sample = collection.samples[index]
        return pixels.read_mask(sample.masks, pixels.read_image(sample.image, 1).shape[:2])

    return read, len(collection.samples)


def answered(truth, index):
    """What a network might say: the truth moved, blurred and roughened at 256x256, and stretched to its size."""
    import cv2

    rng = np.random.default_rng(index)
    small = cv2.resize(truth.astype(np.float32), (256, 256), interpolation=cv2.INTER_AREA)
    move = np.float32([[rng.uniform(0.9, 1.1), 0, rng.normal(0, 6)], [0, rng.uniform(0.9, 1.1), rng.normal(0, 6)]])
    small = cv2.GaussianBlur(cv2.warpAffine(small, move, (256, 256)), (0, 0), 4)
    rough = cv2.GaussianBlur(rng.standard_normal((256, 256), np.float32), (0, 0), 3)
    odds = 12 * small - 5 + 8 * rough
    return cv2.resize(1 / (1 + np.exp(-odds)), truth.shape[::-1], interpolation=cv2.INTER_LINEAR)


def everything(truth_of, number):
    """Measure every image in every way, on two threads; seconds, and the memory held after 100 and after all."""
    from ultraseg.measurement import measure
    from ultraseg.probabilities import Histogram

    def one(index):
        truth = truth_of(index)
        probability = answered(truth, index)
        start = time.thread_time()
        row = measure(truth, (probability > 0.5).astype(np.uint8), probability, pitch=None)
        return truth, probability, len(row), time.thread_time() - start

    pool, held, busy, start = Histogram(), {}, [], (time.perf_counter(), time.process_time())
    with ThreadPoolExecutor(THREADS) as workers:
        for first in range(0, number, 20):
            for truth, probability, *facts in workers.map(one, range(first, min(first + 20, number))):
                pool.update(truth, probability)
                busy.append(facts)
            if first + 20 in (100, 20 * -(-number // 20)):
                held[min(first + 20, number)] = _held()
    columns, seconds = np.median(busy, axis=0)
    return time.perf_counter() - start[0], time.process_time() - start[1], held, int(columns), seconds


def _held():
    """Memory of this process, GiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**30


def _ask(process, line):
    print(line, file=process.stdin, flush=True)
    return _answer(process)


def _answer(process):
    line = process.stdout.readline()
    if not line:
        raise OSError(f"measures: the peer ended with {process.wait()}")
    return json.loads(line)


def compared(process, folder, sets):
    """Lines of a table by set and measure: MONAI's and the others' differences from ours."""
    rows, worst = [], 0.0
    for which, pairs in sets.items():
        _ask(process, f"values {which}")
        with np.load(folder / f"{which}-found.npz") as found:
            monai, other = found["monai"], found["other"]
        both = np.array([truth.any() and found.any() for truth, found in pairs])
        values = np.array([four(*pair) for pair in pairs])
        joined = np.array([medpys(*pair) if defined else (0, 0) for pair, defined in zip(pairs, both, strict=True)])
        for column, name in enumerate(NAMES):
            own = values[both, column]
            gaps = [np.abs(peers[both, column] - own) for peers in (monai, other)]
            if name in ("hausdorff95", "assd"):
                gaps.append(np.abs(joined[both, int(name == "assd")] - own))
            row = [which, str(both.sum()), name, f"{gaps[0].max():.1e}"]
            row += [f"{np.median(gap):.3f}, {np.percentile(gap, 95):.3f}, {gap.max():.3f}" for gap in gaps[1:]]
            rows.append(row + [""] * (6 - len(row)))
            worst = max(worst, gaps[0].max())
        if not both.all():
            cases = [(truth.any(), found.any()) for truth, found in pairs]
            for case, word in (
                ((False, False), "both empty"),
                ((True, False), "found empty"),
                ((False, True), "truth empty"),
            ):
                at = cases.index(case)
                said = [", ".join(f"{value:g}" for value in kind[at]) for kind in (values, monai, other)]
                rows.append([which, word, ", ".join(NAMES), f"ours: {said[0]}; MONAI: {said[1]}", said[2], ""])
    return rows, worst


def main() -> None:
    """Compare, time in turns, measure everything, print; the exit status tells whether a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder that holds BUSI")
    parser.add_argument("--peer-python", default=os.environ.get("ULTRASEG_PEER"), help="a Python with MONAI")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--side", choices=["peer"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        peer(given.folder)
        return
    import _machine as machine
    import cv2

    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()
    cv2.setNumThreads(1)  # as the pipeline sets it, whose threads do the evaluation
    sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests' pairs
    from tests.metrics.pairs import pairs

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth_of, number = scenes(given.data, folder)
        lesions = []
        for index in np.linspace(0, number - 1, 2 * TIMED).astype(int):
            truth = truth_of(index)
            found = (answered(truth, index) > 0.5).astype(np.uint8)
            if truth.any() and found.any() and len(lesions) < TIMED:
                lesions.append((truth, found))
        sets = {"tests": [pair[1:] for pair in pairs(500)], "lesions": lesions}
        for which, own in sets.items():
            np.savez(folder / f"{which}.npz", **{str(index): np.stack(pair) for index, pair in enumerate(own)})
        broken = [*timed(given, folder, sets, machine, everything(truth_of, number))]
    if broken:
        sys.exit(f"measures: {'; '.join(broken)}")


def timed(given, folder, sets, machine, whole):
    """Take turns with the peer, publish the page, and yield what it promises and does not keep."""
    took, processor, held, columns, busy = whole
    sizes = [pair[0].shape for pair in sets["lesions"]]
    notes = [
        f"{len(sizes)} pairs, {'BUSI' if given.data else 'phantoms'}, median size "
        f"{np.median(sizes, axis=0).astype(int).tolist()}; medians of {ROUNDS} rounds in turns after one to warm up.",
        "",
        f"Every measure, {columns} columns, of {max(held)} images at their own size, with reading of the masks and "
        f"stretching of the answers, on {THREADS} threads: {took:.1f} s (limit {SECONDS}), {processor:.1f} s of "
        f"processor; the measures alone {1e3 * busy:.1f} ms of it an image. Memory held: "
        + ", ".join(f"{gib:.2f} GiB after {images} images" for images, gib in held.items())
        + ".",
    ]
    if took > SECONDS:
        yield f"{took:.0f} s for every measure"
    seconds = {(side, what): [] for side in ("ours", "MONAI") for what in ("hausdorff95", "all")}
    rows = []
    if given.peer_python:
        command = [given.peer_python, "-W", "ignore", __file__, "--side", "peer", "--folder", str(folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            version = _answer(other)
            table, worst = compared(other, folder, sets)
            for turn in range(ROUNDS + 1):
                for what in ("hausdorff95", "all"):
                    pair = ours(what, sets["lesions"]), _ask(other, what)
                    if turn:
                        seconds["ours", what].append(pair[0])
                        seconds["MONAI", what].append(pair[1])
            other.stdin.close()
        notes += ["", *values(table, version)]
        if worst > LIMIT:
            yield f"a surface measure is {worst:.1e} from MONAI's"
    else:
        for turn in range(ROUNDS + 1):
            for what in ("hausdorff95", "all"):
                if turn:
                    seconds["ours", what].append(ours(what, sets["lesions"]))
    for what, words in (("hausdorff95", "HD95"), ("all", "Hausdorff, HD95, ASSD and NSD")):
        each = {
            s: 1e3 * statistics.median(seconds[s, what]) / len(sizes) for s in ("ours", "MONAI") if seconds[s, what]
        }
        ratio = each["MONAI"] / each["ours"] if "MONAI" in each else None
        rows.append([words, *(f"{value:.2f}" for value in each.values()), *([f"{ratio:.1f}"] if ratio else [])])
        if ratio and ratio < FASTER:
            yield f"{words} is {ratio:.1f} times as fast as MONAI's"
    headers = ["measure", "ours, ms a pair", *(["MONAI, ms a pair", "ratio"] if given.peer_python else [])]
    command = "python bench/measures.py --data BUSI --peer-python PYTHON"
    machine.publish("measures", machine.markdown("Measures", command, headers, rows, notes), write=given.write)


def values(table, version):
    """The second table: differences from ours."""
    return [
        f"Peers: {version}. Differences from ours in pixels (NSD: in its own unit, at {TOLERANCE:g} px), where neither "
        f"mask is empty; of MONAI the greatest (limit {LIMIT}), of other conventions median, 95th percentile and "
        "greatest. surface-distance weighs elements of a contour between the pixels by their length; medpy takes the "
        "percentile of both lists joined, and the mean of two means.",
        "",
        "| pairs | number | measure | MONAI | surface-distance's convention | medpy's convention |",
        "|---|---|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in table),
    ]


if __name__ == "__main__":
    main()
