"""How fast the package imports and the command line answers, each in fresh processes.

python bench/start.py [--write]
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import _machine as machine

COMMANDS = {
    "import ultraseg (less an empty Python)": [sys.executable, "-c", "import ultraseg"],
    "ultraseg --help": [str(Path(sys.executable).with_name("ultraseg")), "--help"],
    "ultraseg run --help": [str(Path(sys.executable).with_name("ultraseg")), "run", "--help"],
    "ultraseg list": [str(Path(sys.executable).with_name("ultraseg")), "list"],
}
ROUNDS = 9


def seconds(command: list[str]) -> float:
    """Wall-clock time of one fresh process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used here")
    parser.add_argument("--peer-python", help="not used here")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        empty = seconds([sys.executable, "-c", ""])
        for name, command in COMMANDS.items():
            times[name].append(seconds(command) - (empty if "less" in name else 0))
    rows = [[name, f"{1000 * statistics.median(t):.0f} ms", f"{1000 * max(t):.0f} ms"] for name, t in times.items()]
    page = machine.markdown(
        "Start", "python bench/start.py", ["what", "median", "slowest"], rows, [f"{ROUNDS} rounds in turns."]
    )
    machine.publish("start", page, write=given.write)


if __name__ == "__main__":
    main()
