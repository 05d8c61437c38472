"""Jobs in their queue: those that share a program follow each other at one worker, and nothing is lost."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ultraseg.runner import Job, Place
from ultraseg.runner._jobs import Queue, lines


def job(name, program="a", images=(20, 5, 9), **trial):
    return Job(trial, SimpleNamespace(samples=()), name, program, images)


def names(queue, program, others=()):
    """Empty a queue by one worker."""
    found = []
    while len(queue):
        taken = queue.take(program, others)
        program = taken.program
        found.append(taken.id)
    return "".join(found)


def test_one_worker_goes_program_by_program():
    queue = Queue([job(name, program) for name, program in zip("1234567", "babacab", strict=True)])
    assert names(queue, None) == "246" + "137" + "5"


def test_a_worker_stays_with_what_it_has_compiled():
    assert names(Queue([job(name, program) for name, program in zip("1234", "abab", strict=True)]), "b") == "2413"


def test_two_workers_take_programs_of_their_own_and_share_the_last():
    queue = Queue([job(name, program) for name, program in zip("12345", "aaabb", strict=True)])
    assert queue.take(None, set()).id == "1"
    assert queue.take(None, {"a"}).id == "4"
    assert queue.take("b", {"a"}).id == "5"
    assert queue.take("b", {"a"}).id == "2"  # no program is left for it alone, so it helps
    assert queue.take("a", {"a"}).id == "3"
    with pytest.raises(LookupError, match="no job waits"):
        queue.take("a", set())


def test_help_goes_to_the_longest():
    queue = Queue([job(str(number), program) for number, program in enumerate("abbb")])
    assert queue.take("c", {"a", "b"}).program == "b"


def test_what_is_put_back_is_next():
    queue = Queue([job("1"), job("2")])
    first = queue.take(None)
    queue.put_back(first)
    assert len(queue) == 2 and queue.take("a") is first
    queue = Queue([])
    queue.put_back(first)
    assert queue.take(None) is first


def test_rounds_and_seconds_of_a_training_by_hand():
    counted = job("1", images=(20, 5, 9), batch=8, epochs=3)  # 8 + 8 + 4 images an epoch
    assert (counted.rounds, counted.seconds(0.5)) == (3, 3 * 3 * 0.5)
    timed = job("1", images=(20, 5, 9), batch=8, budget={"minutes": 2.0})
    assert (timed.rounds, timed.seconds(0.5)) == (None, 120)


def test_answers_of_a_training_by_hand():
    assert job("1", batch=4, epochs=3).answers == 3 * 2 + 3  # ceil(5 / 4) a round, ceil(9 / 4) at the end
    assert job("1", batch=4, budget={"minutes": 1}).answers == 5 * 2 + 3


def test_lines_of_json():
    assert list(lines(b'{"a": 1}\n{"b": 2}\n')) == [{"a": 1}, {"b": 2}]


def test_a_place_is_the_same_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place(Path("data"), Path("runs/trials"), Path("/cache"), "strict", ("wandb",))
    wanted = Place(tmp_path / "data", tmp_path / "runs/trials", Path("/cache"), "strict", ("wandb",))
    assert place.absolute() == wanted == wanted.absolute()
