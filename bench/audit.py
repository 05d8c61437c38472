"""The search for copies: its time from 2,500 to 10,000 phantoms with planted copies, and on real BUSI.

python bench/audit.py [--write]
"""

import argparse
import resource
import time
from pathlib import Path

import _machine as machine
import cv2
import numpy as np

from ultraseg import pixels, runtime
from ultraseg.audit import duplicates
from ultraseg.datasets import busi
from ultraseg.datasets.phantom import draw

COUNTS, SIZE, EVERY, WORKERS = (2_500, 5_000, 10_000), (96, 128), 20, 2
CHANGES = {
    "re-saved": lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0),
    "resized": lambda p: cv2.resize(p, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA),
    "cropped": lambda p: p[10:80, 20:115],
    "brightness": lambda p: (255 * (p / 255) ** 0.7).astype(np.uint8),
    "overlay": lambda p: cv2.drawMarker(p.copy(), (60, 40), 255, cv2.MARKER_CROSS, 11),
    "flipped": lambda p: np.ascontiguousarray(p[:, ::-1]),
}


def phantom(index: int, planted: int) -> np.ndarray:
    """One picture of a set whose last `planted` ones are changed copies of its first."""
    if index < 0:
        copied = planted + index
        return list(CHANGES.values())[copied % len(CHANGES)](phantom(copied, planted))
    return draw(index, size=SIZE, seed=0)[0]


def measured(count: int) -> tuple[float, float, int, int, int]:
    """Seconds, processor seconds, copies planted, copies found and other pairs, on pictures that are drawn before."""
    planted = count // EVERY
    pictures = [phantom(index, planted) for index in range(count - planted)]
    pictures += [phantom(index, planted) for index in range(-planted, 0)]
    wall, processor = time.perf_counter(), time.process_time()
    pairs = duplicates(pictures, [str(index) for index in range(count)], workers=WORKERS)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    right = sum(int(pair.b) - int(pair.a) == count - planted for pair in pairs)
    return wall, processor, planted, right, len(pairs) - right


def real(folder: str) -> str:
    """The row for BUSI, which is read from files."""
    samples = busi(Path(folder))
    wall, processor = time.perf_counter(), time.process_time()
    pairs = duplicates(
        lambda index: pixels.read_image(samples[index].image, 3), [s.id for s in samples], workers=WORKERS
    )
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    images = len({end for pair in pairs for end in (pair.a, pair.b)})
    return (
        f"BUSI, {len(samples)} images read from files: {wall:.0f} s ({processor:.0f} s of processor), {len(pairs)} "
        f"pairs among {images} images."
    )


def main() -> None:
    """Measure once each, BUSI first, and print the exponents between neighbours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="the folder that holds the real BUSI")
    parser.add_argument("--peer-python", help="not used here: there is no peer")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    runtime.prepare(threads=2)
    runtime.load()
    notes = [f"{WORKERS} workers; every {EVERY}th picture of {SIZE[0]}x{SIZE[1]} is a changed copy of another."]
    notes += [real(given.data)] if given.data else []
    rows, before = [], None
    for count in COUNTS:
        wall, processor, planted, right, other = measured(count)
        grown = f"{np.log(processor / before[1]) / np.log(count / before[0]):.2f}" if before else ""
        before = count, processor
        rows.append([f"{count:,}", f"{wall:.0f}", f"{processor:.0f}", grown, f"{right} of {planted}", f"{other}"])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    notes.append(f"The exponent is that of processor time. At most {memory:.1f} GiB of memory, TensorFlow's included.")
    headers = ["images", "s", "processor s", "exponent", "planted copies found", "other pairs"]
    page = machine.markdown("Search for copies of one scan", "python bench/audit.py", headers, rows, notes)
    machine.publish("audit", page, write=given.write)


if __name__ == "__main__":
    main()
