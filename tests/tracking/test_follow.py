"""Following a training: the event file equals the history; a tracker that fails stops no trial and is not quiet."""

import json
import sqlite3
import threading
from types import SimpleNamespace

import pytest
import tensorflow as tf

from tests.drawn import ready
from ultraseg import records, trial
from ultraseg.program import Program
from ultraseg.tracking import _line, follow
from ultraseg.tracking._line import Line

ROW = {"loss": 0.5, "val_loss": None, "val_dice": 0.25, "val_iou": 0.2, "learning_rate": 0.1}
ROW |= {"training_seconds": 1.0, "seconds": 2.0}
HISTORY = [{"epoch": epoch, **ROW, "loss": 1 / (1 + epoch)} for epoch in range(3)]


def events(folder):
    """What an event file holds: (step, name, value), read without the package that shows it."""
    found = []
    for path in sorted(folder.glob("events.*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                found.append((event.step, value.tag, float(tf.make_ndarray(value.tensor))))
    return found


def followed(folder, history, names=()):
    told = []
    with follow(folder, names, trial={"a": {"b": 1}}, name="abc", folder=folder, tell=told.append) as following:
        for done in range(1, len(history) + 1):
            following.send(history[:done])
        following.end(history, {"outcome": "trained", "test/dice": 0.5})
    return told


def test_events_are_the_history(tmp_path):
    followed(tmp_path, HISTORY)
    found = events(tmp_path / "tensorboard")
    assert [step for step, name, _ in found if name == "training/loss"] == [0, 1, 2]
    assert [value for _, name, value in found if name == "training/loss"] == pytest.approx([1, 1 / 2, 1 / 3])
    assert {name for _, name, _ in found} == {
        "training/loss", "validation/dice", "validation/iou", "learning_rate", "training/seconds", "seconds",
    }  # fmt: skip


def test_events_of_a_resumed_training_are_neither_missing_nor_double(tmp_path):
    followed(tmp_path, HISTORY[:2])
    followed(tmp_path, HISTORY)
    assert [step for step, name, _ in events(tmp_path / "tensorboard") if name == "seconds"] == [0, 1, 2]


class Tracker:
    """Stands for a tracker's run: remembers what it got, fails or hangs when told to."""

    def __init__(self):
        self.opened, self.rows, self.ended, self.failing = [], [], None, False
        self.free = threading.Event()
        self.free.set()

    def open(self, run):
        self.free.wait()
        if self.failing:
            raise RuntimeError("no\nserver")
        self.opened.append(run)
        return run or "run 7"

    def send(self, row):
        self.rows.append(row["epoch"])

    def end(self, totals):
        self.ended = totals


@pytest.fixture
def lined(tmp_path):
    """A tracker, the line to it, what was told, and how to wait for its thread."""
    tracker, told = Tracker(), []

    def line():
        made = Line("wandb", lambda: tracker, tmp_path, told.append)
        made.settle = lambda: made._under_way.exception()
        return made

    return SimpleNamespace(tracker=tracker, told=told, line=line, path=tmp_path / "wandb.json")


def test_every_round_is_sent_once_and_in_order(lined):
    line = lined.line()
    for done in (1, 2, 3):
        line.send(HISTORY[:done])
        line.settle()
    line.end(HISTORY, {"outcome": "trained"})
    assert (lined.tracker.opened, lined.tracker.rows, lined.tracker.ended) == ([""], [0, 1, 2], {"outcome": "trained"})
    assert json.loads(lined.path.read_text()) == {"run": "run 7", "rounds": 3, "failure": ""}
    assert lined.told == []


def test_a_training_that_goes_on_goes_on_in_the_same_run(lined):
    line = lined.line()
    line.send(HISTORY[:2])
    line.settle()
    line.close()
    lined.line().end(HISTORY, {})
    assert (lined.tracker.opened, lined.tracker.rows) == (["", "run 7"], [0, 1, 2])


def test_a_failure_is_told_once_and_kept_and_what_was_lost_is_sent_later(lined):
    line, lined.tracker.failing = lined.line(), True
    for done in (1, 2):
        line.send(HISTORY[:done])
        line.settle()
    assert lined.told == [
        "wandb failed (RuntimeError: no server); the training goes on without it, and its rounds are offered again "
        "after every epoch"
    ]
    assert json.loads(lined.path.read_text()) == {"run": "", "rounds": 0, "failure": "RuntimeError: no server"}
    lined.tracker.failing = False
    line.end(HISTORY, {})
    assert lined.tracker.rows == [0, 1, 2] and json.loads(lined.path.read_text())["failure"] == ""
    assert len(lined.told) == 1


def test_a_tracker_that_hangs_is_left_behind(lined, monkeypatch):
    monkeypatch.setattr(_line, "PATIENCE", 0.05)
    lined.tracker.free.clear()
    line = lined.line()
    for done in (1, 2):
        line.send(HISTORY[:done])  # returns at once
    line.end(HISTORY, {})
    assert "no answer within 0.05 s" in lined.told[0]
    kept = lined.path.read_text()
    lined.tracker.free.set()
    line._under_way.exception()
    assert lined.path.read_text() == kept  # the late thread writes nothing: the folder may have its final name


def test_an_interrupted_training_leaves_the_run_open(lined):
    line = lined.line()
    line.send(HISTORY[:1])
    line.settle()
    line.close()
    assert lined.tracker.ended is None


@pytest.mark.slow
def test_wandb_offline_gets_both_parts_of_a_resumed_run(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    assert followed(tmp_path, HISTORY[:2], ["wandb"]) == followed(tmp_path, HISTORY, ["wandb"]) == []
    kept = json.loads((tmp_path / "tracking" / "wandb.json").read_text())
    assert kept["run"].startswith("abc-") and kept["rounds"] == 3 and kept["failure"] == ""
    files = sorted(tmp_path.glob(f"wandb/offline-run-*/run-{kept['run']}.wandb"))
    held = [path.read_bytes() for path in files]
    assert len(held) == 2 and [data.count(b"validation/dice") > 0 for data in held] == [True, True]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # SQLAlchemy 2.1 of MLflow 3.17, seen 2026-11
def test_mlflow_gets_one_run_whose_history_is_whole(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(_line, "PATIENCE", 120.0)  # the first run makes the data base
    for history in (HISTORY[:2], HISTORY):
        assert followed(tmp_path, history, ["mlflow"]) == []
    with sqlite3.connect(tmp_path / "mlflow.db") as base:
        [(run, status)] = base.execute("select run_uuid, status from runs").fetchall()
        losses = base.execute("select step, value from metrics where key = 'training/loss' order by step").fetchall()
        options = base.execute("select key, value from params").fetchall()
    assert run == json.loads((tmp_path / "tracking" / "mlflow.json").read_text())["run"]
    assert (status, options) == ("FINISHED", [("a.b", "1")])
    assert losses == [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))]


@pytest.mark.slow
def test_a_trial_is_the_same_with_a_tracker_that_fails(tmp_path, monkeypatch):
    """The tracker's package breaks as it is imported; the trial ends in its folder and says so."""
    resolved, collection, cache = ready(tmp_path)
    resolved["epochs"] = 2
    monkeypatch.setitem(__import__("sys").modules, "wandb", None)
    seen = []
    folder = trial.run(
        resolved, collection, cache, Program(resolved), trials=tmp_path / "t", track=["wandb"], watch=seen.append
    )
    [told] = [event["sentence"] for event in seen if event["kind"] == "told"]
    assert told.startswith("wandb failed (ModuleNotFoundError: ")
    rows = records.read_rows(folder / "history.csv")
    found = [(step, value) for step, name, value in events(folder / "tensorboard") if name == "validation/dice"]
    assert found == [(row["epoch"], pytest.approx(row["val_dice"])) for row in rows] and len(found) == 2
