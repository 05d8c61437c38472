"""Images per second of augmented batches, against PyTorch's `DataLoader` with torchvision's transforms in one run.

    python bench/pipeline.py --data FOLDER [--peer-python PYTHON] [--write]

Three questions. Both read files: ours is a whole first epoch, which decodes, resizes, writes the cache and augments.
Both hold decoded arrays in memory. And ours from its cache on disk, against theirs from files, which is how each is
usually run. The peer, bench/_torch_pipeline.py run by a Python that has PyTorch and torchvision, is a process of its
own and they take turns; without one (`--peer-python` or ULTRASEG_PEER) only our side is measured.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _machine as machine
import numpy as np

from ultraseg import runtime

THREADS, SIZE, BATCH, ROUNDS, EPOCHS = 2, 256, 8, 7, 3
AUGMENT = ["flip", {"rotation": {"degrees": 15.0}}, {"zoom": {"low": 1.0, "high": 1.3}},
           {"brightness": {"limit": 0.2}}, {"contrast": {"limit": 0.2}}]  # fmt: skip
DATA = {"size": [SIZE, SIZE], "mask_size": [SIZE, SIZE], "mask_interpolation": "nearest", "channels": 1}
RESIZE = [{"resize": {"size": [SIZE, SIZE], "interpolation": "area", "policy": "stretch"}}]
MANIFESTS = Path(__file__).parent.parent / "data"
QUESTIONS = {
    "files": ("both read files", "files", 1),
    "memory": ("both hold decoded arrays in memory", "memory", 1),
    "cache": ("ours from its cache on disk, theirs from files", "files", 3),
}
"""In words, what the peer is asked, and how many times as fast ours is to be."""
ALONE = {
    "decoding": "ours alone: decode, resize, write the cache",
    "plain": "ours alone: from the cache, not augmented",
}


class Ours:
    """Our side, in this process."""

    def __init__(self, collection, folder):
        from ultraseg import pipeline

        self.pipeline, self.collection, self.epochs = pipeline, collection, 0
        self.cache = pipeline.cached(collection, DATA, RESIZE, folder)
        parts = (self.cache.images, self.cache.masks, self.cache.shapes)
        self.held = pipeline.Cache(*(np.array(part) for part in parts))

    def speeds(self):
        """Images per second of one round, by question."""
        with tempfile.TemporaryDirectory() as empty:
            start = time.perf_counter()
            cache = self.pipeline.cached(self.collection, DATA, RESIZE, Path(empty))
            seconds = {"decoding": time.perf_counter() - start}
            self._visit(cache, AUGMENT)
            seconds["files"] = time.perf_counter() - start
        for question, where, augment in (
            ("memory", self.held, AUGMENT),
            ("cache", self.cache, AUGMENT),
            ("plain", self.cache, []),
        ):
            start = time.perf_counter()
            for _ in range(EPOCHS):
                self._visit(where, augment)
            seconds[question] = (time.perf_counter() - start) / EPOCHS
        return {question: len(self.collection.samples) / taken for question, taken in seconds.items()}

    def seen(self):
        """What an epoch consists of, in the words of the peer's `seen`."""
        images, masks = (np.concatenate(part) for part in zip(*self._batches(self.held, AUGMENT), strict=True))
        return {
            "images": len(images),
            "pixels": [images[0].size, masks[0].size],
            "types": [str(images.dtype), str(masks.dtype)],
            "range": [round(float(edge), 2) for edge in (images.min(), images.max())],
            "masks": np.unique(masks).tolist(),
        }

    def _visit(self, cache, augment):
        for _ in self._batches(cache, augment):
            pass

    def _batches(self, cache, augment):
        """Batches as float32 in [0, 1] like the peer's, which is the first that a network does with ours."""
        import tensorflow as tf

        self.epochs += 1
        every = range(len(cache.images))
        batches = self.pipeline.training(
            cache, every, classes=1, batch=BATCH, augment=augment, seed=0, epoch=self.epochs
        )
        for images, truth in batches:
            yield tf.cast(images, tf.float32) / 255, truth


class Peer:
    """The other side, a process that waits between its turns."""

    def __init__(self, python, ours, folder):
        self.number = len(ours.collection.samples)
        files = [[str(sample.image), [str(mask) for mask in sample.masks]] for sample in ours.collection.samples]
        inputs = [folder / name for name in ("files.json", "images.npy", "masks.npy")]
        inputs[0].write_text(json.dumps(files), encoding="utf-8")
        np.save(inputs[1], ours.held.images)
        np.save(inputs[2], ours.held.masks)
        command = [python, "-W", "ignore", str(Path(__file__).with_name("_torch_pipeline.py")), *map(str, inputs)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.versions, self.tried, self.seen = self._answer()

    def speeds(self):
        """Images per second of one round, by question."""
        speeds = {}
        for question in ("files", "memory"):
            print(question, file=self.process.stdin, flush=True)
            speeds[question] = self.number / self._answer()
        return speeds

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise OSError(f"pipeline: the peer ended with {self.process.wait()}")
        return json.loads(line)


def measure(ours, peer):
    """Speeds by side and question, a list of rounds each; the first round of all warms up."""
    sides = {"ours": ours} | ({"peer": peer} if peer else {})
    speeds = {}
    for turn in range(ROUNDS + 1):
        for side in list(sides) if turn % 2 else list(sides)[::-1]:
            for question, speed in sides[side].speeds().items():
                speeds.setdefault((side, question), []).extend([speed] if turn else [])
    return speeds


def table(speeds, *, with_peer):
    """Lines of the table, and the ratio of each question."""
    rows, ratios = [], {}
    for question, (words, other, wanted) in QUESTIONS.items():
        row = [words, _spread(speeds["ours", question])]
        if with_peer:
            rounds = [a / b for a, b in zip(speeds["ours", question], speeds["peer", other], strict=True)]
            ratios[question] = statistics.median(speeds["ours", question]) / statistics.median(speeds["peer", other])
            row += [_spread(speeds["peer", other]), f"{ratios[question]:.2f} ({min(rounds):.2f} to {max(rounds):.2f})"]
            row += [f"{wanted}"]
        rows.append(row)
    for question, words in ALONE.items():
        rows.append([words, _spread(speeds["ours", question]), *(["", "", ""] if with_peer else [])])
    return rows, ratios


def _spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def notes(ours, peer, hashing):
    """What was compared, and every way of the peer's."""
    number = len(ours.collection.samples)
    lines = [
        f"{number} images of BUSI as grey pictures of {SIZE}x{SIZE} with their united masks, batches of {BATCH}, "
        f"shuffled, float32 in [0, 1] on both sides; {THREADS} threads or workers a side. Images per second: medians, "
        f"and the range, of {ROUNDS} rounds in turns after one to warm up; an epoch a round, of ours from memory and "
        f"cache {EPOCHS}. The files lie in the page cache. A ratio above 1 means that ours is faster; its range is "
        "over the rounds.",
        "",
        "Augmentation: flip 0.5, rotation 15 degrees, zoom 1 to 1.3 at a random place, brightness and contrast 0.2. "
        "Ours turns and zooms one after the other, and what lies outside is the mirror image; theirs is one "
        "`RandomAffine`, the cheaper way, and what lies outside is black.",
        "",
        f"Before the first epoch of all, ours has read every file once for its manifest, which is kept until a file "
        f"changes: {hashing:.1f} s, not counted above.",
    ]
    if peer:
        lines += [
            "",
            f"Peer: {peer.versions}. Its ways, tried on a part of the images; the fastest of each is compared, with "
            "workers that stay from epoch to epoch.",
            "",
            "| question | way | workers | images/s |",
            "|---|---|---|---|",
            *(f"| {question} | {way} | {workers} | {speed:.0f} |" for question, way, workers, speed in peer.tried),
        ]
    return lines


def main() -> None:
    """Measure in turns, print; the exit status tells whether a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds BUSI")
    parser.add_argument("--peer-python", default=os.environ.get("ULTRASEG_PEER"), help="a Python with torchvision")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    runtime.prepare(threads=THREADS)
    runtime.load()
    from ultraseg.collection import collect

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        collection = collect("busi", root=given.data, cache=folder, manifests_in=MANIFESTS)
        hashing = time.perf_counter() - start
        ours = Ours(collection, folder)
        peer = Peer(given.peer_python, ours, folder) if given.peer_python else None
        for question, facts in (peer.seen if peer else {}).items():
            if facts != ours.seen():
                sys.exit(f"pipeline: not the same work from {question}: ours gives {ours.seen()}, the peer {facts}")
        speeds = measure(ours, peer)
        if peer:
            peer.close()
    rows, ratios = table(speeds, with_peer=peer is not None)
    headers = ["question", "ours", *(["PyTorch's DataLoader", "ratio", "wanted at least"] if peer else [])]
    command = "python bench/pipeline.py --data BUSI --peer-python PYTHON"
    page = machine.markdown("Pipeline", command, headers, rows, notes(ours, peer, hashing))
    machine.publish("pipeline", page, write=given.write)
    broken = [question for question, ratio in ratios.items() if ratio < QUESTIONS[question][2]]
    if broken:
        sys.exit(f"pipeline: too slow: {', '.join(QUESTIONS[question][0] for question in broken)}")


if __name__ == "__main__":
    main()
