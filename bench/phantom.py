"""Phantoms drawn a second at 256x256, in memory on two threads and written to disk.

python bench/phantom.py [--write]
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import _machine as machine

from ultraseg import runtime
from ultraseg.datasets.phantom import draw, write

IMAGES, SIZE, ROUNDS = 200, (256, 256), 5


def drawn(threads: int, seed: int) -> float:
    """Images per second of drawing alone."""
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda index: draw(index, size=SIZE, seed=seed), range(IMAGES)):
            pass
    return IMAGES / (time.perf_counter() - start)


def written(seed: int) -> float:
    """Images per second of drawing and writing image and mask as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write(Path(folder) / "phantoms", images=IMAGES, size=SIZE, seed=seed)
        return IMAGES / (time.perf_counter() - start)


def main() -> None:
    """Measure in turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used here")
    parser.add_argument("--peer-python", help="not used here: no peer draws such phantoms")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    runtime.prepare(threads=2)
    runtime.load()
    speeds: dict[str, list[float]] = {}
    for seed in range(ROUNDS):
        speeds.setdefault("drawn, one thread", []).append(drawn(1, seed))
        speeds.setdefault("drawn, two threads", []).append(drawn(2, seed))
        speeds.setdefault("written in BUSI's layout", []).append(written(seed))
    rows = [[name, f"{statistics.median(s):.0f}", f"{min(s):.0f} to {max(s):.0f}"] for name, s in speeds.items()]
    notes = [f"{IMAGES} phantoms of 256x256 a round, median of {ROUNDS} rounds in turns."]
    page = machine.markdown("Phantoms", "python bench/phantom.py", ["what", "images/s", "range"], rows, notes)
    machine.publish("phantom", page, write=given.write)


if __name__ == "__main__":
    main()
