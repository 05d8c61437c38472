"""A lease: the right to run one trial, which stays with its owner for as long as the owner raises a counter in it.

Source: a number that grows with every owner, so that one who was thought dead is found out when it wakes, is the
fencing token of Gray and Cheriton's leases (1989) as Kleppmann describes it (2016); that readers go by their own
monotonic clock and not by a file's time is Optuna's way (`JournalFileOpenLock`).
Departure: a stale lease is not moved away, which two takers can do to each other's; the next number is created, which
only one can.

A trial's leases are `.ID.N.lease`, and its unfinished folder carries the number of its last owner, `.ID.N.part`. The
owner also holds `flock` on its lease: where that can be trusted, on one machine, a dead owner is known at once and
nobody waits.
"""

import fcntl
import functools
import json
import os
import platform
import shutil
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ultraseg import records

BEAT = 5.0
"""Seconds from one rise of the counter to the next."""
DIGITS = 12


class Lost(Exception):
    """Another runner has taken the trial over, because this one was silent for too long."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lease, the count that it has reached, and whether its process is known to live or to be dead."""

    token: str
    host: str
    process: int
    count: int
    alive: bool | None


def claim(trials: Path, name: str, *, silent: frozenset[str] = frozenset(), beat: float = BEAT) -> "Lease | None":
    """Take the right to run a trial.

    Args:
        trials: where trial folders lie; made when missing.
        name: the trial's id.
        silent: tokens of owners that were watched and are taken for dead.
        beat: seconds between two rises of the counter.

    Returns:
        The lease; None where another holds the trial or it is finished.

    Raises:
        OSError: the folder cannot be written.
    """
    trials.mkdir(parents=True, exist_ok=True)
    found = {number: read(path) for number, path in records.numbered(trials, name, "lease").items()}
    dead = {number for number, owner in found.items() if owner is None or owner.token in silent or owner.alive is False}
    if set(found) - dead or records.complete(trials, name):
        return None
    left = records.numbered(trials, name, "part")
    number = 1 + max((0, *found, *left))
    try:
        lease = Lease(trials, name, number, beat)
    except FileExistsError:
        return None
    others = set(records.numbered(trials, name, "lease")) - dead - {number}
    if others or records.complete(trials, name) or not _inherit(lease.work, left):
        lease.release()
        return None
    for stale in dead:
        (trials / f".{name}.{stale}.lease").unlink(missing_ok=True)
    lease.start()
    return lease


def sweep(trials: Path, present: set[str]) -> None:
    """Remove leases of finished trials whose owner died after the last rename and before it gave them back.

    Args:
        trials: where trial folders lie.
        present: what lies there, of `records.present`.
    """
    for name in present:
        if name.endswith(".lease") and name.split(".")[1] in present:
            owner = read(trials / name)
            if owner and owner.alive is False:
                (trials / name).unlink(missing_ok=True)


class Lease:
    """A lease that this process holds, made by `claim`.

    Attributes:
        token: names this owner; no two have the same.
        work: the folder of the unfinished trial, which nobody else has under this name.
        lost: another has taken the trial over.
    """

    def __init__(self, trials: Path, name: str, number: int, beat: float):
        self.work = trials / f".{name}.{number}.part"
        self.token, self.lost = uuid.uuid4().hex, False
        self._path, self._next = (trials / f".{name}.{n}.lease" for n in (number, number + 1))
        self._beat, self._end = beat, threading.Event()
        self._thread = threading.Thread(target=self._rise, daemon=True)
        self._file = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            host = machine()
        except OSError:  # a file system without flock, so nobody may go by it
            host = ""
        owner = {"token": self.token, "host": host, "process": os.getpid()}
        try:
            text = b"%0*d\n%s\n" % (DIGITS, 0, json.dumps(owner).encode())
            while text:
                text = text[os.write(self._file, text) :]
            os.fsync(self._file)
        except OSError:
            self.release()
            raise

    def start(self) -> None:
        """Begin to raise the counter, in a thread of its own."""
        self._thread.start()

    def held(self) -> bool:
        """Look whether the lease is still this process's."""
        try:  # opened, not only looked at: over NFS that asks the server and not a cache
            file = os.open(self._path, os.O_RDONLY)
        except OSError:
            return False
        try:
            own = os.path.sameopenfile(file, self._file)
        finally:
            os.close(file)
        return own and not self._next.exists()

    def release(self) -> None:
        """Give the trial back."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.held():
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _rise(self) -> None:
        count = 0
        while not self._end.wait(self._beat):
            count += 1
            with suppress(OSError):  # a full disk, which ends the trial elsewhere, or a file that the server dropped
                os.pwrite(self._file, b"%0*d" % (DIGITS, count), 0)  # in place: one that was replaced is not revived
                os.fsync(self._file)
            if not self.held():
                self.lost = True
                return


def read(path: Path) -> Owner | None:
    """Read a lease; None when it is gone. One that is not written yet has an owner without a name."""
    try:
        count, _, rest = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    try:
        owner = json.loads(rest)
        return Owner(**owner, count=int(count), alive=_alive(path) if owner["host"] == machine() else None)
    except (ValueError, TypeError, KeyError):
        return Owner("", "", 0, 0, None)


@functools.cache
def machine() -> str:
    """Name this machine and its present start, within which `flock` can be trusted."""
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        start = ""
    return f"{platform.node()} {start}".strip()


def _alive(path: Path) -> bool | None:
    """Whether a process of this machine holds the lease's lock; None where that cannot be told."""
    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
    return None


def _inherit(work: Path, left: dict[int, Path]) -> bool:
    """Give what the last owner left this owner's name; False when it has just been finished."""
    try:
        if left:
            left[max(left)].rename(work)
        else:
            work.mkdir()
    except FileNotFoundError:
        return False
    for number, folder in left.items():
        if number < max(left):  # what an owner wrote after it had lost its lease
            shutil.rmtree(folder, ignore_errors=True)
    return True
