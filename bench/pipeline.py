"""Images per second of the pipeline: the first pass, which decodes and resizes, and the cached one after it.

    python bench/pipeline.py --data FOLDER [--write]

The peer of the first pass is `tf.image` in `tf.data`, doing the same work in the same run.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import _machine as machine

from ultraseg import runtime

runtime.prepare(threads=2)
runtime.load()

import tensorflow as tf  # noqa: E402  TensorFlow reads what was prepared

from ultraseg import pipeline  # noqa: E402  TensorFlow reads what was prepared
from ultraseg.collection import collect  # noqa: E402  TensorFlow reads what was prepared

LIGHT = ["flip", "brightness", "contrast"]
RECIPES = {"none": [], " + ".join(LIGHT): LIGHT, "the same + rotation + zoom": [*LIGHT, "rotation", "zoom"]}
DATA = {"size": [256, 256], "mask_size": [256, 256], "mask_interpolation": "nearest", "channels": 1}
RESIZE = [{"resize": {"size": [256, 256], "interpolation": "area"}}]
ROUNDS, EPOCHS = 5, 3


def first_pass(collection) -> float:
    """Images per second of our decoding into an empty cache."""
    with tempfile.TemporaryDirectory() as empty:
        start = time.perf_counter()
        pipeline.cached(collection, DATA, RESIZE, Path(empty))
        return len(collection.samples) / (time.perf_counter() - start)


def peer_first_pass(collection) -> float:
    """Images per second of tf.image decoding, resizing and uniting the same files."""
    masks = [[str(path) for path in sample.masks] or [str(sample.image)] for sample in collection.samples]
    files = tf.data.Dataset.from_tensor_slices(
        ([str(sample.image) for sample in collection.samples], tf.ragged.constant(masks))
    )

    def read(image, outlines):
        pixels = tf.io.decode_png(tf.io.read_file(image), 1)
        united = tf.zeros(tf.shape(pixels), tf.uint8)
        for outline in outlines:
            united = tf.maximum(united, tf.io.decode_png(tf.io.read_file(outline), 1))
        return tf.image.resize(pixels, (256, 256), "area"), tf.image.resize(united, (256, 256), "nearest")

    start = time.perf_counter()
    for _ in files.map(read, num_parallel_calls=2).batch(8).prefetch(2):
        pass
    return len(collection.samples) / (time.perf_counter() - start)


def cached_pass(cache, augment) -> float:
    """Images per second of augmented batches of 8 from a warm cache."""
    indices = list(range(len(cache.images)))
    start = time.perf_counter()
    for epoch in range(EPOCHS):
        batches = pipeline.training(cache, indices, classes=1, batch=8, augment=augment, seed=0, epoch=epoch)
        for _ in batches:
            pass
    return EPOCHS * len(indices) / (time.perf_counter() - start)


def main() -> None:
    """Measure in turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer-python", help="not used here: the peer is tf.image")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        collection = collect("busi", root=given.data, cache=Path(folder))
        cache = pipeline.cached(collection, DATA, RESIZE, Path(folder))
        speeds: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            speeds.setdefault("first pass, OpenCV", []).append(first_pass(collection))
            speeds.setdefault("first pass, tf.image", []).append(peer_first_pass(collection))
            for name, augment in RECIPES.items():
                speeds.setdefault(f"cached, {name}", []).append(cached_pass(cache, augment))
    rows = [[name, f"{statistics.median(s):.0f}", f"{min(s):.0f} to {max(s):.0f}"] for name, s in speeds.items()]
    ratio = statistics.median(speeds["first pass, OpenCV"]) / statistics.median(speeds["first pass, tf.image"])
    notes = [
        f"{len(collection.samples)} images of BUSI to 256x256, batches of 8; median of {ROUNDS} rounds in turns.",
        "",
    ]
    notes.append(f"First pass, OpenCV over tf.image: {ratio:.2f} times as fast. The files lie in the page cache.")
    page = machine.markdown(
        "Pipeline", "python bench/pipeline.py --data BUSI", ["pass", "images/s", "range"], rows, notes
    )
    machine.publish("pipeline", page, write=given.write)


if __name__ == "__main__":
    main()
