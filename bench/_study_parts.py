"""Where the time of `ultraseg run` goes: the command in one process, with clocks around what it calls.

    python bench/_study_parts.py STARTED ultraseg's arguments

STARTED is `time.time()` when the process was started; the arguments say `--workers 0`, since clocks see one process.
The last line is JSON: seconds by part. A part's clock stops while another's runs inside it, so that the parts and
`other` add up to `all`.
"""

import functools
import json
import statistics
import sys
import time

from ultraseg import runtime

LOADING = "loading Python, TensorFlow and the package"
CLOCKS = (
    ("building", "ultraseg.program", "Program.__init__"),
    ("operations counted", "ultraseg.cost", "multiply_adds"),
    ("optimizer steps", "ultraseg.program", "Program.epoch"),
    ("evaluation", "ultraseg.trial", "_validate"),
    ("evaluation", "ultraseg.trial", "assess"),
    ("evaluation", "ultraseg.trial", "compared"),
    ("first weights", "ultraseg.program", "Program.reset"),
    ("backups", "ultraseg.trial", "_save"),
    ("backups", "ultraseg.program", "Program.state"),
    ("models saved", "ultraseg.program", "Program.network"),
    ("models saved", "keras", "Model.save"),
    ("programs let go", "ultraseg.runner._trainer", "Trainer._forget"),
    ("parts of the data", "ultraseg.trial", "parts"),
    ("what it ran on", "ultraseg.trial", "_enter"),
    ("tables and figures", "ultraseg.cli._run", "show_report"),
    ("tables and figures", "ultraseg.cli._run", "leave_pictures"),
)
COMPILING = ("Program.epoch", "_validate")
"""What compiles when a program does it for the first time."""


class Clocks:
    """Seconds of every call, by part, without those of calls inside it."""

    def __init__(self):
        self.calls, self._open = {}, []

    def around(self, part, function):
        """The function, timed."""

        @functools.wraps(function)
        def timed(*given, **options):
            start = time.perf_counter()
            self._open.append(0.0)
            try:
                return function(*given, **options)
            finally:
                whole, inside = time.perf_counter() - start, self._open.pop()
                if self._open:
                    self._open[-1] += whole
                self.calls.setdefault((part, function.__qualname__), []).append(whole - inside)

        return timed

    def parts(self, programs):
        """Sum up; what the first calls of each program took beyond the median of all is compilation."""
        found = {"first-time compilation": 0.0}
        for (part, name), seconds in self.calls.items():
            usual = statistics.median(seconds)
            first = sorted((s - usual for s in seconds), reverse=True)[:programs] if name in COMPILING else []
            found["first-time compilation"] += sum(first)
            found[part] = found.get(part, 0.0) + sum(seconds) - sum(first)
        found["first-time compilation"] += found.pop("building", 0.0)
        return found


def main() -> None:
    """Run the command, then print its parts."""
    import importlib

    started = float(sys.argv.pop(1))
    clocks = Clocks()
    app = importlib.import_module("ultraseg.cli.app")
    starting, run = (importlib.import_module(f"ultraseg.cli.{name}") for name in ("_starting", "_run"))
    load = starting.start

    def start(threads, devices):
        load(threads, devices)
        importlib.import_module("ultraseg.runner._trainer")
        for part, module, name in CLOCKS:
            *owners, last = name.split(".")
            owner = functools.reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, last, clocks.around(part, getattr(owner, last)))

    starting.start = clocks.around(LOADING, start)
    run.prepare = clocks.around("planning", run.prepare)
    runtime.revision()
    before = time.time() - started
    try:
        app.app(standalone_mode=False)
    finally:
        whole = time.time() - started
    counted = clocks.calls.get(("operations counted", "multiply_adds"))
    if counted is None:
        sys.exit("no trial was trained in this process: give --workers 0, and a study that is not done")
    found = clocks.parts(programs=len(counted))
    found[LOADING] += before
    found["other"] = whole - sum(found.values())
    print(json.dumps({**found, "all": whole}))


if __name__ == "__main__":
    main()
