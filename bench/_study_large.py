"""A study of 10,000 trials: how long it takes to plan and to read its status, and what its runner holds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

YAML = f"""
title: large
data:
  from: {{phantom: {{images: 36, size: [48, 48]}}}}
  split: {{holdout: {{share: 0.25}}}}
  validation: 0.25
  size: [16, 16]
fixed: {{model: {{UNet: {{width: 2, depth: 2}}}}, batch: 8, epochs: 1}}
cross:
  seed: {list(range(625))}
  optimizer.learning_rate: [0.1, 0.2, 0.3, 0.4]
  schedule: [constant, cosine]
  loss: [bce, dice]
"""
PLAN = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from ultraseg import runner, study
jobs = runner.plan(study.load(sys.argv[1]), root=Path(sys.argv[2]) / "phantoms", cache=Path(sys.argv[2]))
print(len(jobs), time.perf_counter() - start)
"""
ULTRASEG = [sys.executable, "-c", "from ultraseg.cli import main; main()"]
ROUNDS = 3
TRIALS = 8
"""Trials after which the runner is stopped."""


def large(folder: Path) -> list[str]:
    """Plan it, run its first trials, and read its status: sentences for the page."""
    folder.mkdir()
    file, cache = folder / "large.yaml", folder / "cache"
    file.write_text(YAML, encoding="utf-8")
    planned = [_planned(file, cache) for _ in range(ROUNDS + 1)][1:]  # images are drawn in the first
    peak = _peak(file, folder, cache)
    started = time.perf_counter()
    told = subprocess.run([*ULTRASEG, "status", str(folder / "runs")], capture_output=True, text=True, check=True)
    status = time.perf_counter() - started
    done = sum(not path.name.startswith(".") for path in (folder / "runs" / "trials").iterdir())
    return [
        f"A study of 10,000 trials and 2 programs: loaded, read and planned in {sorted(planned)[ROUNDS // 2]:.1f} s "
        f"(slowest of {ROUNDS}: {max(planned):.1f} s), imports included; `ultraseg status` answers in {status:.1f} s, "
        f"{len(told.stdout.splitlines())} lines, after {done} trials; the process of `ultraseg run` has held at most "
        f"{peak:.0f} MiB by then, its worker apart.",
    ]


def _planned(file: Path, cache: Path) -> float:
    command = [sys.executable, "-c", PLAN, str(file), str(cache)]
    count, seconds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if count != "10000":
        raise RuntimeError(f"study: {count} trials were planned")
    return float(seconds)


def _peak(file: Path, folder: Path, cache: Path) -> float:
    """Peak memory of a runner, in MiB, read when some trials are done, after which it is stopped."""
    given = ["--profile", "none", "--runs", str(folder / "runs"), "--cache", str(cache), "--threads", "2"]
    process = subprocess.Popen([*ULTRASEG, "run", str(file), *given], stdout=subprocess.PIPE, text=True, env=os.environ)
    for line in process.stdout:
        if line.startswith(f"[{TRIALS}/"):
            break
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 2**10
