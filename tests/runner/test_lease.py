"""Leases: one owner at a time, whatever the clocks say, and an owner that was thought dead is found out."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ultraseg import records
from ultraseg.runner import _lease
from ultraseg.runner._lease import claim
from ultraseg.runner._watcher import Standing, Watcher

NAME = "0123456789ab"
HOLD = """
import sys, pathlib
from ultraseg.runner import _lease
with _lease.claim(pathlib.Path(sys.argv[1]), sys.argv[2], beat=0.05) as lease:
    print(lease.work, flush=True)
    sys.stdin.read()
"""
"""A process that holds a trial until its input ends."""


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def foreign(monkeypatch):
    """What this process claims belongs to another machine, as far as readers know, so that no lock tells of it."""

    def claimed(trials, **options):
        with monkeypatch.context() as patch:
            patch.setattr(_lease, "machine", lambda: "another")
            return claim(trials, NAME, **options)

    return claimed


def tokens(trials):
    return [_lease.read(path).token for path in records.numbered(trials, NAME, "lease").values()]


def test_one_owner_at_a_time(tmp_path):
    with claim(tmp_path / "trials", NAME) as lease:
        assert lease.held() and lease.work.is_dir()
        assert claim(tmp_path / "trials", NAME) is None
        assert claim(tmp_path / "trials", "ba9876543210") is not None
    assert records.numbered(tmp_path / "trials", NAME, "lease") == {}
    assert claim(tmp_path / "trials", NAME) is not None


def test_many_at_once_and_one_gets_it(tmp_path):
    """Fifty rounds of eight threads that all try at the same moment."""
    for number in range(50):
        barrier, won = threading.Barrier(8), []

        def attempt(name=f"{number:012x}", barrier=barrier, won=won):
            barrier.wait()
            if lease := claim(tmp_path, name):
                won.append(lease)

        threads = [threading.Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) <= 1
        for lease in won or [claim(tmp_path, f"{number:012x}")]:  # all may back off from each other, and try again
            assert lease.held()
            lease.release()


def test_a_finished_trial_is_nobodys(tmp_path):
    (tmp_path / NAME).mkdir()
    assert claim(tmp_path, NAME) is None
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_what_the_last_owner_left_is_gone_on_with(tmp_path):
    with claim(tmp_path, NAME) as first:
        (first.work / "backup.npz").write_text("epoch 1")
    with claim(tmp_path, NAME) as second:
        assert second.work != first.work and not first.work.exists()
        assert (second.work / "backup.npz").read_text() == "epoch 1"
        assert records.under_way(tmp_path, NAME) == second.work


def test_work_from_before_leases_is_gone_on_with(tmp_path):
    (tmp_path / f".{NAME}.part").mkdir()
    (tmp_path / f".{NAME}.part" / "backup.npz").write_text("epoch 1")
    with claim(tmp_path, NAME) as lease:
        assert (lease.work / "backup.npz").read_text() == "epoch 1"
        assert list(records.numbered(tmp_path, NAME, "part")) == [1]


def test_a_process_that_dies_leaves_its_trial_at_once(tmp_path):
    """On one machine nobody waits for a counter: the lock of a dead process is free."""
    command = [sys.executable, "-c", HOLD, str(tmp_path), NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        work = Path(other.stdout.readline().strip())
        (work / "backup.npz").write_text("epoch 1")
        assert claim(tmp_path, NAME) is None
        assert Watcher(tmp_path).look(NAME).alive
        other.kill()
        other.wait()
        assert not Watcher(tmp_path).look(NAME).held
        with claim(tmp_path, NAME) as lease:
            assert (lease.work / "backup.npz").read_text() == "epoch 1"
            assert len(records.numbered(tmp_path, NAME, "lease")) == 1


def test_a_lease_that_was_left_behind_a_finished_trial_is_swept_and_no_other(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), NAME], stdin=-1, stdout=-1, text=True)
    work = Path(process.stdout.readline().strip())
    work.rename(tmp_path / NAME)

    def swept():
        _lease.sweep(tmp_path, records.present(tmp_path))
        return not records.numbered(tmp_path, NAME, "lease")

    assert not swept()  # its owner lives and gives it back itself
    process.kill()
    process.communicate()
    (tmp_path / NAME).rename(work)
    assert not swept()  # unfinished: whoever goes on with it takes it over
    work.rename(tmp_path / NAME)
    assert swept()


def test_an_owner_that_beats_is_left_alone(tmp_path, foreign):
    clock, lease = Clock(), foreign(tmp_path, beat=0.01)
    watcher = Watcher(tmp_path, silent=60, clock=clock)
    assert watcher.look(NAME) == Standing(True, False, frozenset())
    for _ in range(3):
        count = _lease.read(lease._path).count
        until(lambda count=count: _lease.read(lease._path).count > count)
        clock.now += 1e6
        assert watcher.look(NAME) == Standing(True, True, frozenset())
    lease.release()
    assert not watcher.look(NAME).held


def test_a_silent_owner_is_replaced_after_the_watchers_own_time(tmp_path, foreign):
    clock, old = Clock(), foreign(tmp_path, beat=1e6)
    (old.work / "backup.npz").write_text("epoch 1")
    watcher = Watcher(tmp_path, silent=60, clock=clock)
    watcher.look(NAME)
    clock.now += 60
    assert watcher.look(NAME).silent == frozenset()
    assert claim(tmp_path, NAME) is None
    clock.now += 1
    standing = watcher.look(NAME)
    assert not standing.held and standing.silent == {tokens(tmp_path)[0]}
    new = claim(tmp_path, NAME, silent=standing.silent)
    assert new.held() and not old.held()
    assert (new.work / "backup.npz").read_text() == "epoch 1"
    with pytest.raises(FileNotFoundError):  # what the old owner would do last
        old.work.rename(tmp_path / NAME)
    old.release()
    assert new.held()
    new.release()


@pytest.mark.parametrize("hours", [-48, 48])
def test_clocks_that_are_wrong_do_no_harm(tmp_path, foreign, monkeypatch, hours):
    """The files' times and this machine's clock jump by two days; a living owner stays, a silent one stays its time."""
    clock, lease = Clock(), foreign(tmp_path, beat=1e6)
    watcher = Watcher(tmp_path, silent=60, clock=clock)
    watcher.look(NAME)
    moved = time.time() + 3600 * hours
    monkeypatch.setattr(time, "time", lambda: moved)
    os.utime(lease._path, (moved, moved))
    clock.now += 59
    assert watcher.look(NAME).held
    assert claim(tmp_path, NAME) is None
    clock.now += 2
    assert not watcher.look(NAME).held
    lease.release()


def test_the_owner_that_was_replaced_notices(tmp_path, foreign):
    old = foreign(tmp_path, beat=0.01)
    new = claim(tmp_path, NAME, silent=frozenset(tokens(tmp_path)))
    until(lambda: old.lost)
    assert new.held() and not new.lost
    old.release()
    assert new.held()
    new.release()


def test_two_takers_of_one_silent_owner(tmp_path, foreign):
    foreign(tmp_path, beat=1e6)
    silent = frozenset(tokens(tmp_path))
    first = claim(tmp_path, NAME, silent=silent)
    assert claim(tmp_path, NAME, silent=silent) is None
    assert first.held()
    first.release()


def test_what_a_lost_owner_writes_afterwards_is_not_taken_for_work(tmp_path, foreign):
    old = foreign(tmp_path, beat=1e6)
    (old.work / "backup.npz").write_text("epoch 1")
    new = claim(tmp_path, NAME, silent=frozenset(tokens(tmp_path)))
    old.work.mkdir()
    (old.work / "backup.npz").write_text("too late")
    new.release()
    with claim(tmp_path, NAME) as third:
        assert (third.work / "backup.npz").read_text() == "epoch 1"
        assert list(records.numbered(tmp_path, NAME, "part")) == [3]


def test_a_lease_that_is_not_written_yet_is_somebodys(tmp_path):
    (tmp_path / f".{NAME}.1.lease").touch()
    clock = Clock()
    watcher = Watcher(tmp_path, silent=60, clock=clock)
    assert watcher.look(NAME).held and claim(tmp_path, NAME) is None
    clock.now += 61
    assert claim(tmp_path, NAME, silent=watcher.look(NAME).silent) is not None


def test_a_file_system_without_locks_leaves_only_the_counter(tmp_path, monkeypatch):
    def refuse(file, how):
        raise OSError("no locks")

    monkeypatch.setattr(_lease.fcntl, "flock", refuse)
    with claim(tmp_path, NAME) as lease:
        assert _lease.read(lease._path).alive is None
        assert claim(tmp_path, NAME) is None


def test_a_full_disk_leaves_no_lease(tmp_path, files_below):
    with files_below(4), pytest.raises(OSError, match="too large"):
        claim(tmp_path, NAME)
    assert not list(tmp_path.iterdir())


def test_a_lease_holds_who_has_it(tmp_path):
    with claim(tmp_path, NAME) as lease:
        count, owner = lease._path.read_text().splitlines()
        assert count == "0" * 12
        assert json.loads(owner)["process"] == os.getpid()


def until(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)
