"""The clock, by hand: a time that the test sets, steps that it tells."""

from types import SimpleNamespace

import pytest

from ultraseg import clock
from ultraseg.clock import Clock


def run(monkeypatch, ends, **options):
    """Let steps end at these times, the training having begun at 10; stops where the clock says so."""
    now = iter([10.0, *ends])
    monkeypatch.setattr(clock.time, "perf_counter", lambda: next(now))
    made = Clock(**options)
    made.set_model(SimpleNamespace(stop_training=False))
    made.on_train_begin()
    for step in range(len(ends)):
        made.on_train_batch_end(step)
        if made.model.stop_training:
            break
    return made


def test_seconds_are_those_of_the_steps(monkeypatch):
    made = run(monkeypatch, [11.0, 12.0, 14.0])
    assert (made.steps, made.seconds) == (3, 4.0)


def test_the_mean_of_the_others_stands_for_a_first_step_that_compiles(monkeypatch):
    """After a first step of 30 s two of 1 and 2 s: 1.5 s each."""
    assert run(monkeypatch, [40.0, 41.0, 43.0], fresh=True).seconds == pytest.approx(4.5)
    assert run(monkeypatch, [40.0], fresh=True).seconds == 30.0


@pytest.mark.parametrize(("limit", "steps"), [(0.5, 1), (1.0, 1), (1.5, 2), (4.0, 3), (9.0, 4)])
def test_a_round_ends_after_the_step_in_which_its_time_is_up(monkeypatch, limit, steps):
    assert run(monkeypatch, [11.0, 12.0, 14.0, 15.0], limit=limit).steps == steps


def test_compiling_does_not_use_up_the_time(monkeypatch):
    assert run(monkeypatch, [40.0, 41.0, 42.0, 43.0], limit=3.0, fresh=True).steps == 3
