"""The command line: what it prints, what it refuses, and that a killed study goes on."""

import errno
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from tests.cli.commands import COMMAND, refused, ultraseg, within
from tests.drawn import YAML
from ultraseg import __version__, cli

CROSS = "cross: {optimizer.learning_rate: [0.1, 0.01], seed: [0]}"
RUN = ("run", "drawn.yaml", "--profile", "none")
HERE = (*RUN, "--workers", 0)
"""In the process of the test."""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drawn.yaml").write_text(YAML.format(more=CROSS))
    return tmp_path


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A study that was run by a process of its own, as a person runs it."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "drawn.yaml").write_text(YAML.format(more=CROSS))
    answer = ultraseg(*RUN, folder=folder)
    assert answer.returncode == 0, answer.stderr
    return folder


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["report"], ["export"], ["predict"], ["list"], ["data"]])
def test_help_everywhere(command, tmp_path):
    answer = within(*command, "--help", folder=tmp_path)
    assert answer.returncode == 0
    assert "Usage" in answer.stdout


def test_the_version_is_said(tmp_path):
    answer = within("--version", folder=tmp_path)
    assert (answer.returncode, answer.stdout) == (0, f"ultraseg {__version__}\n")


def test_list_shows_studies_and_rooms():
    here = Path(__file__).parents[2]
    assert "optimizers" in within("list", folder=here).stdout
    assert "ValidUNet" in within("list", "models", folder=here).stdout
    refused(within("list", "modles", folder=here), "unknown room 'modles'; did you mean 'models'?")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fixed: {epoch: 3}", ["unknown key 'epoch'", "did you mean 'epochs'"]),
        ("fixed: {optimizer: {adam: {learning_rate: -0.1}}}", ["learning_rate must be above 0"]),
        ("fixed: {preprocess: [{median: {size: 4}}, scale]}", ["median: size must be odd and at least 1, got 4"]),
        ("fixed: {classes: 3, independent: true}", ["has one lesion mask an image; set classes: 1 and independent: f"]),
        (
            "fixed: {model: {UNet: {depth: 4}}}\ndata: {from: {phantom: {images: 60, size: [48, 48]}}, size: [8, 8]}",
            ["must be at least 16 pixels high and wide, got 8"],
        ),
        ("data: {from: bussi}", ["did you mean 'busi'"]),
        ("data: {from: busi}", ["name its folder with --data"]),
    ],
)
def test_a_bad_study_is_refused_before_anything_is_written(tmp_path, monkeypatch, line, words):
    data = "" if "data" in line else "\ndata: {from: {phantom: {images: 60, size: [48, 48]}}}"
    (tmp_path / "bad.yaml").write_text(f"title: bad\n{line}{data}\n")
    monkeypatch.delenv("ULTRASEG_DATA", raising=False)
    refused(within("run", "bad.yaml", "--profile", "none", "--workers", 0, folder=tmp_path), *words)
    assert not (tmp_path / "runs").exists()


def test_phantoms_are_not_silently_taken_for_a_folder_of_data(folder):
    refused(within(*RUN, "--data", folder, folder=folder), "draws phantoms and reads no folder")


def _truncate(path):
    path.write_bytes(path.read_bytes()[:100])


def _deep(path):
    cv2.imwrite(str(path.with_suffix(".tif")), np.zeros((30, 20), np.float32))
    path.with_suffix(".tif").rename(path)


def _smaller(path):
    cv2.imwrite(str(path.with_name(f"{path.stem}_mask.png")), np.zeros((10, 30), np.uint8))


BROKEN = {
    "missing mask": (lambda path: path.with_name(f"{path.stem}_mask.png").unlink(), "mask"),
    "truncated": (_truncate, "cut short"),
    "text": (lambda path: path.write_text("hello"), "not an image"),
    "floats": (_deep, "float32 pixels where 8 or 16 bits"),
    "another size": (_smaller, "the mask is 30x10 pixels but its image is 20x30"),
}


@pytest.fixture
def set_of_three(tmp_path):
    """An image of each label, and a study of them."""
    for label in ("benign", "malignant", "normal"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for suffix in ("", "_mask"):
            cv2.imwrite(str(tmp_path / "set" / label / f"{label} (1){suffix}.png"), np.zeros((30, 20), np.uint8))
    (tmp_path / "study.yaml").write_text("title: x\ndata: {from: {busi: {complete: false}}}\n")
    return tmp_path


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_data_are_named(set_of_three, fault):
    spoil, sentence = BROKEN[fault]
    spoil(set_of_three / "set" / "benign" / "benign (1).png")
    answer = within("run", "study.yaml", "--profile", "none", "--data", "set", folder=set_of_three)
    refused(answer, "benign (1)", sentence)
    assert not (set_of_three / "runs").exists()


def test_all_broken_data_are_named_at_once(set_of_three):
    for label in ("benign", "normal"):
        (set_of_three / "set" / label / f"{label} (1).png").write_text("hello")
    answer = within("run", "study.yaml", "--profile", "none", "--data", "set", folder=set_of_three)
    assert answer.returncode == 2 and answer.stderr.count("\n") == 3
    head, first, second = answer.stderr.splitlines()
    assert head.startswith("ultraseg: ") and head.endswith("set: 2 faults")
    assert "benign (1).png: not an image" in first and "normal (1).png: not an image" in second


def test_a_foreign_folder_says_what_was_found(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_text("cat")
    refused(
        within("data", "describe", "photos", folder=tmp_path), "benign, malignant, normal wanted here; found cat.png"
    )


def test_a_study_that_was_not_run_is_refused_with_the_nearest_that_was(tmp_path):
    refused(within("report", "optimizers", folder=tmp_path), "runs: run `ultraseg run optimizers --profile demo` first")
    (tmp_path / "runs" / "optimizers-cpu").mkdir(parents=True)
    (tmp_path / "runs" / "optimizers-cpu" / "study.json").write_text("{}")
    answer = within("report", "optimizers", "--profile", "cpuu", folder=tmp_path)
    refused(answer, "unknown study 'optimizers-cpuu'; did you mean 'optimizers-cpu'?")


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (MemoryError(), 4, "out of memory; take a smaller batch"),
        (tf.errors.ResourceExhaustedError(None, None, "failed to allocate"), 4, "out of memory; take a smaller batch"),
        (tf.errors.ResourceExhaustedError(None, None, "No space left on device"), 3, "make room"),
        (OSError(errno.ENOSPC, "No space left on device", "place"), 3, "place: No space left on device; make room"),
    ],
)
def test_what_runs_out_is_one_sentence(tmp_path, monkeypatch, error, status, sentence):
    def spent():
        raise error

    monkeypatch.setattr(cli.app, "app", spent)
    answer = within("list", folder=tmp_path)
    refused(answer, sentence)
    assert answer.returncode == status


def test_memory_runs_out_where_tensorflow_was_never_loaded(tmp_path, monkeypatch):
    def spent():
        raise MemoryError

    monkeypatch.setattr(cli.app, "app", spent)
    monkeypatch.delitem(sys.modules, "tensorflow")
    refused(within("list", folder=tmp_path), "out of memory")


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(folder, files_below):
    """A limit on the size of files stands in for the disk, once at the cache and once in training."""
    for size in (9_000, 20_000):
        with files_below(size):
            answer = within(*HERE, folder=folder)
        refused(answer, "make room and give the same command again")
        assert answer.returncode == 3
        assert list((folder / "runs" / "trials").glob("[!.]*")) == []
        assert bool(list((folder / "data" / "cache" / "pixels").glob("[!.]*/"))) == (size == 20_000)
    again = within(*HERE, folder=folder)
    assert again.returncode == 0, again.stderr
    assert len(list((folder / "runs" / "trials").glob("[!.]*"))) == 2


def _numbers(runs):
    return {p.parent.name: p.read_text() for p in sorted((runs / "trials").glob("[!.]*/images.csv"))}


@pytest.mark.slow
def test_kill_nine_in_mid_study_changes_nothing(folder):
    """Finished trials are not run again, the interrupted one goes on, the numbers equal an undisturbed run's."""
    words = [*RUN, "--determinism", "strict"]
    undisturbed = ultraseg(*words, "--runs", "whole", folder=folder)
    assert undisturbed.returncode == 0, undisturbed.stderr
    with subprocess.Popen([*COMMAND, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        trials, deadline = folder / "runs" / "trials", time.monotonic() + 120
        while not (list(trials.glob("[!.]*")) and list(trials.glob(".*.part/backup.npz"))):
            assert run.poll() is None, "the study ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.002)
        run.send_signal(signal.SIGKILL)
    [finished] = trials.glob("[!.]*")
    stamp = finished.stat().st_mtime_ns
    again = ultraseg(*words, folder=folder)
    assert again.returncode == 0, again.stderr
    assert "1 of 2 done before" in again.stdout
    assert finished.stat().st_mtime_ns == stamp
    assert _numbers(folder / "runs") == _numbers(folder / "whole")
    assert len(_numbers(folder / "runs")) == 2


def test_a_run_writes_its_table_and_a_report_writes_it_again(ran):
    out = ran / "runs" / "drawn-none"
    table = (out / "table.md").read_text()
    assert "phantom (synthetic)" in table
    assert "all background" in table
    assert "No test image shows a scan that training has seen in another copy." in table
    assert {"table.md", "table.csv", "curves.png", "panels.png", "study.json"} <= {p.name for p in out.iterdir()}
    (out / "table.md").unlink()
    assert within("report", "drawn", "--profile", "none", folder=ran).returncode == 0
    assert (out / "table.md").read_text() == table


def test_a_second_run_trains_nothing(ran):
    before = _numbers(ran / "runs")
    answer = within(*HERE, folder=ran)
    assert answer.returncode == 0 and "2 trials, 2 of 2 done before" in answer.stdout
    assert _numbers(ran / "runs") == before


def test_check_counts_what_is_left_and_times_it(ran, folder):
    words = ("check", "drawn.yaml", "--profile", "none", "--workers", 0)
    done = within(*words, folder=ran)
    assert done.returncode == 0 and "2 rows, 2 trials, 2 of 2 done, 0 waiting; nothing is invalid" in done.stdout
    left = within(*words, "--cache", ran / "data" / "cache", folder=folder)
    assert "0 of 2 done, 2 waiting; nothing is invalid" in left.stdout and "minutes: training steps" in left.stdout
    assert "peak MiB" in left.stdout and "MiB stay in runs/trials" in left.stdout


def test_export_and_predict(ran):
    """The rest of the road on phantoms; the export is compared with the trial that it was made from."""
    name = json.loads((ran / "runs" / "drawn-none" / "study.json").read_text())["cells"][0]["trials"][0]["id"]
    export = within("export", name, "-o", "model", folder=ran)
    assert export.returncode == 0, export.stderr
    assert "test images against the trial's own predictions" in export.stdout
    images = next((ran / "data" / "cache" / "phantoms").iterdir()) / "benign"
    (ran / "in").mkdir()
    (ran / "in" / "broken.png").write_text("broken")
    (ran / "in" / "fine.png").write_bytes((images / "benign (1).png").read_bytes())
    predict = within("predict", "model", "in", "-o", "masks", "--overlays", folder=ran)
    assert predict.returncode == 1
    assert "broken.png" in predict.stderr and predict.stdout.endswith("1 masks in masks, 1 broken\n")
    assert (ran / "masks" / "fine.png").is_file()
    assert not (ran / "masks" / "broken.png").exists()
