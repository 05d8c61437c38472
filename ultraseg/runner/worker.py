"""A worker process: takes orders as lines of JSON, does one after another, and answers with events, a line each.

It dies at once when told to (SIGTERM) and when its runner dies: everything that it leaves is whole, and what it has not
saved is at most one epoch. Whatever fails ends it after it has told why; the runner starts another. A worker in which
earlier programs left too much behind becomes a fresh interpreter, under the same pid, and does the order there.
"""

import errno
import functools
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ultraseg import runtime

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system answers when no more can be written."""


def main() -> None:
    """Serve until the input ends.

    `sys.argv` gives the cores that one operation may use, 0 for all, the devices, and the order that a worker wanted
    to begin afresh with.
    """
    out, tell = _speaker()
    sys.excepthook = functools.partial(_end, tell)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the runner as well, which decides
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    threads, devices = map(int, sys.argv[1:3])
    for order in sys.argv[3:]:
        orders.put(json.loads(order))
    runtime.prepare(threads=threads, devices=devices)
    runtime.load(devices=devices)
    from ultraseg.runner._trainer import Trainer

    do = Trainer()
    tell({"kind": "ready"})
    while True:
        order = orders.get()
        if do.worn(order):
            _renew(out, order)
        do(order, tell)
        tell({"kind": "idle"})


def _speaker() -> tuple[int, Callable[[dict[str, Any]], None]]:
    """Keep the output for events, as a file's number and a function; what libraries print goes where errors go."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(event: dict[str, Any]) -> None:
        out.write(json.dumps(event) + "\n")
        out.flush()

    return out.fileno(), tell


def _renew(out: int, order: dict[str, Any]) -> None:
    """Begin again in this process' place; the runner waits for the order's end and sends nothing before it."""
    os.dup2(out, 1)
    given = len(sys.orig_argv) - len(sys.argv[3:])
    os.execv(sys.executable, [*sys.orig_argv[:given], json.dumps(order)])


def _listen(orders: queue.Queue[dict[str, Any]]) -> None:
    """Read orders, in a thread that notices the runner's end in the middle of a training too."""
    with os.fdopen(os.dup(0), "rb") as lines:
        for line in lines:
            orders.put(json.loads(line))
    os._exit(0)


def _end(
    tell: Callable[[dict[str, Any]], None],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Tell what nobody caught, and end without waiting for the threads of a broken library."""
    tell(_failure(kind, error, trace))
    sys.stderr.flush()
    os._exit(1)


def _failure(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    text = "".join(traceback.format_exception(kind, error, trace))
    number = error.errno if isinstance(error, OSError) else None
    if "No space left" in str(error):  # TensorFlow has an error of its own
        number = errno.ENOSPC
    return {
        "kind": "failed",
        "sentence": ": ".join([kind.__name__, *str(error).splitlines()[:1]]),
        "plain": str(error) if isinstance(error, ValueError) else "",
        "errno": number if number in FULL else None,
        "file": str(getattr(error, "filename", None) or ""),
        "traceback": text,
    }


if __name__ == "__main__":
    main()
