"""Trials under every budget: what their history adds up to, and that a killed one ends in the same numbers."""

import math

import numpy as np
import pytest

from tests.drawn import ready
from ultraseg import catalogue, clock, records, runtime, trial
from ultraseg.clock import Clock
from ultraseg.parts import parts
from ultraseg.program import Program


class Killed(BaseException):
    """Stands for a signal."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A trial of 20 training images in batches of 4, its data, and a program that all tests share."""
    runtime.settle(0, "strict")
    resolved, collection, cache = ready(tmp_path_factory.mktemp("budgeted"))
    assert (len(parts(resolved, collection).train), resolved["batch"]) == (20, 4)
    return resolved, collection, cache, Program(resolved)


def run(drawn, folder, budget, watch=lambda event: None, **changes):
    resolved, collection, cache, program = drawn
    changed = {key: value for key, value in resolved.items() if key != "epochs"} | {"budget": budget, **changes}
    return trial.run(changed, collection, cache, program, trials=folder, determinism="strict", watch=watch)


def shown(folder):
    return [row["images"] for row in records.read_rows(folder / "history.csv")]


@pytest.mark.parametrize(
    ("budget", "images"),
    [
        ({"steps": 27}, [20] * 5 + [8]),
        ({"images": 106}, [20] * 5 + [6]),
        ({"steps": 3}, [4, 4, 4]),
        ({"images": 16}, [4, 4, 4, 4]),
    ],
)
def test_a_history_adds_up_to_the_budget(drawn, tmp_path, budget, images):
    folder = run(drawn, tmp_path, budget)
    result = records.read_json(folder / "result.json")
    assert shown(folder) == images and (result["images"], result["epochs"]) == (sum(images), len(images))
    assert result["images_per_second"] == pytest.approx(sum(images) / result["training_seconds"], rel=0.05)
    assert result["seconds_per_epoch"] == pytest.approx(20 / result["images_per_second"], rel=0.05)
    assert 0 < result["training_seconds"] < result["seconds"]


@pytest.mark.slow
def test_whole_epochs_counted_in_steps_are_the_same_training(drawn, tmp_path):
    """25 steps of 5 an epoch are 5 epochs: the same order, draws, rates and numbers."""
    schedule = {"schedule": {"cosine": {"final": 0.0}}}
    resolved, collection, cache, program = drawn
    epochs = {**resolved, "epochs": 5, **schedule}
    one = trial.run(epochs, collection, cache, program, trials=tmp_path, determinism="strict")
    other = run(drawn, tmp_path, {"steps": 25}, **schedule)
    assert one.name != other.name
    assert (one / "images.csv").read_bytes() == (other / "images.csv").read_bytes()


def test_a_schedule_ends_with_the_budget(drawn, tmp_path):
    """Half a cosine over 7 steps in rounds of one: the rate of step s is 0.05 (1 + cos(pi s / 7)) / 2."""
    folder = run(drawn, tmp_path, {"steps": 7}, schedule={"cosine": {"final": 0.0}})
    rates = [row["learning_rate"] for row in records.read_rows(folder / "history.csv")]
    ends = np.cumsum([math.ceil(images / 4) for images in shown(folder)]) - 1
    assert ends[-1] == 6
    assert rates == pytest.approx([0.05 * (1 + math.cos(math.pi * step / 7)) / 2 for step in ends], rel=1e-5)


@pytest.mark.slow
def test_killed_within_an_epoch_ends_in_the_same_numbers(drawn, tmp_path):
    """Rounds of a step, so that the order of an epoch is taken up in its middle."""
    whole = run(drawn, tmp_path / "whole", {"steps": 8})

    def kill(event):
        if event["kind"] == "epoch" and event["epoch"] == 2:
            raise Killed

    with pytest.raises(Killed):
        run(drawn, tmp_path / "killed", {"steps": 8}, kill)
    again = run(drawn, tmp_path / "killed", {"steps": 8})
    assert again.name == whole.name and shown(again) == shown(whole)
    assert (again / "images.csv").read_bytes() == (whole / "images.csv").read_bytes()
    assert [process["from_epoch"] for process in records.read_json(again / "env.json")["processes"]] == [0, 3]


@pytest.fixture
def slowly(monkeypatch):
    """A clock by which every step takes a second."""

    class Slow(Clock):
        @property
        def seconds(self):
            return float(self.steps)

    monkeypatch.setattr(trial, "Clock", Slow)
    assert clock.Clock is Clock


def test_minutes_are_those_of_the_steps_and_a_resumed_training_has_what_is_left(drawn, tmp_path, slowly):
    """0.2 minutes are 12 steps of a second, looked at after 2.4: three steps, then the two that end the epoch."""

    def kill(event):
        if event["kind"] == "step" and event["epoch"] == 2:
            raise Killed

    with pytest.raises(Killed):
        run(drawn, tmp_path, {"minutes": 0.2}, kill)
    folder = run(drawn, tmp_path, {"minutes": 0.2})
    assert shown(folder) == [12, 8, 12, 8, 8]  # 3, 2, 3, 2 and the last 2 of 12 seconds
    assert records.read_json(folder / "result.json")["training_seconds"] == 12.0


def test_a_schedule_that_ends_with_the_training_is_refused_under_minutes(drawn):
    resolved = {key: value for key, value in drawn[0].items() if key != "epochs"} | {"budget": {"minutes": 1.0}}
    for name in ("constant", "exponential"):
        trial.validate({**resolved, "schedule": catalogue.resolve("schedules", name)})
    with pytest.raises(ValueError, match="schedule: cosine ends with the training, and a budget of minutes does not"):
        trial.validate({**resolved, "schedule": catalogue.resolve("schedules", "cosine")})


def test_what_a_model_costs_stands_in_the_result(drawn, tmp_path):
    result = records.read_json(run(drawn, tmp_path, {"steps": 1}) / "result.json")
    assert result["multiply_adds"] == drawn[3].multiply_adds > 16 * 16 * 9 * 2  # the first convolution alone
    assert result["parameters"]["trainable"] > 0 and result["peak_memory_mib"] > 100
