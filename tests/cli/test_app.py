"""The command line: what it prints, what it refuses, and that a killed study goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.drawn import YAML

COMMAND = [sys.executable, "-c", "from ultraseg.cli import main; main()"]
CROSS = "cross: {optimizer.learning_rate: [0.1, 0.01], seed: [0]}"


def ultraseg(*words, folder, **options):
    """Run the command line in a folder and return the finished process."""
    return subprocess.run(
        [*COMMAND, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=300, check=False, **options
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drawn.yaml").write_text(YAML.format(more=CROSS))
    return tmp_path


def refused(answer, *words):
    """One sentence on stderr that holds the words, no traceback, a status that is not 0."""
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert answer.stderr.count("\n") == 1
    for word in words:
        assert word in answer.stderr


@pytest.mark.parametrize("command", [[], ["run"], ["check"], ["report"], ["export"], ["predict"], ["list"], ["data"]])
def test_help_everywhere(command, tmp_path):
    answer = ultraseg(*command, "--help", folder=tmp_path)
    assert answer.returncode == 0
    assert "Usage" in answer.stdout


def test_list_shows_studies_and_rooms():
    here = Path(__file__).parent.parent
    assert "optimizers" in ultraseg("list", folder=here).stdout
    assert "ValidUNet" in ultraseg("list", "models", folder=here).stdout
    refused(ultraseg("list", "modles", folder=here), "no room 'modles'")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fixed: {epoch: 3}", ["unknown key 'epoch'", "did you mean 'epochs'"]),
        ("fixed: {optimizer: {adam: {learning_rate: -0.1}}}", ["learning_rate must be above 0"]),
        (
            "fixed: {model: {UNet: {depth: 4}}}\ndata: {size: [8, 8]}",
            ["must be at least 16 pixels high and wide, got 8"],
        ),
        ("data: {from: bussi}", ["did you mean 'busi'"]),
        ("data: {from: busi}", ["name its folder with --data"]),
    ],
)
def test_a_bad_study_is_refused_before_anything_is_written(tmp_path, line, words):
    (tmp_path / "bad.yaml").write_text(f"title: bad\n{line}\n")
    environment = {key: value for key, value in os.environ.items() if key != "ULTRASEG_DATA"}
    refused(ultraseg("run", "bad.yaml", "--profile", "none", folder=tmp_path, env=environment), *words)
    assert not (tmp_path / "runs").exists()


def test_phantoms_are_not_silently_taken_for_a_folder_of_data(folder):
    answer = ultraseg("run", "drawn.yaml", "--profile", "none", "--data", folder, folder=folder)
    refused(answer, "draws phantoms and reads no folder")


def _truncate(path):
    path.write_bytes(path.read_bytes()[:100])


def _deep(path):
    cv2.imwrite(str(path), np.zeros((20, 30), np.uint16))


def _smaller(path):
    cv2.imwrite(str(path.with_name(f"{path.stem}_mask.png")), np.zeros((10, 30), np.uint8))


BROKEN = {
    "missing mask": (lambda path: path.with_name(f"{path.stem}_mask.png").unlink(), "is missing"),
    "truncated": (_truncate, "cut short"),
    "text": (lambda path: path.write_text("hello"), "not an image"),
    "16 bit": (_deep, "16 bits a channel where 8 are wanted"),
    "another size": (_smaller, "the mask is 30x10 pixels but its image is 20x30"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_data_are_named(tmp_path, fault):
    for label in ("benign", "malignant", "normal"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for suffix in ("", "_mask"):
            cv2.imwrite(str(tmp_path / "set" / label / f"{label} (1){suffix}.png"), np.zeros((30, 20), np.uint8))
    path = tmp_path / "set" / "benign" / "benign (1).png"
    spoil, sentence = BROKEN[fault]
    spoil(path)
    (tmp_path / "study.yaml").write_text("title: x\ndata: {from: {busi: {complete: false}}}\n")
    refused(
        ultraseg("run", "study.yaml", "--profile", "none", "--data", tmp_path / "set", folder=tmp_path),
        "benign (1)",
        sentence,
    )
    assert not (tmp_path / "runs").exists()


def test_a_foreign_folder_says_what_was_found(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_text("cat")
    refused(ultraseg("data", "describe", tmp_path / "photos", folder=tmp_path), "not BUSI", "found cat.png")


def test_a_study_that_was_not_run_is_refused_with_the_nearest_that_was(tmp_path):
    refused(
        ultraseg("report", "optimizers", folder=tmp_path), "runs: run `ultraseg run optimizers --profile demo` first"
    )
    (tmp_path / "runs" / "optimizers-cpu").mkdir(parents=True)
    (tmp_path / "runs" / "optimizers-cpu" / "study.json").write_text("{}")
    answer = ultraseg("report", "optimizers", "--profile", "cpuu", folder=tmp_path)
    refused(answer, "unknown study 'optimizers-cpuu'; did you mean 'optimizers-cpu'?")


@pytest.mark.parametrize(
    ("kind", "message", "status", "sentence"),
    [
        ("MemoryError", "", 4, "out of memory; take a smaller batch"),
        (
            "tf.errors.ResourceExhaustedError",
            "None, None, 'failed to allocate'",
            4,
            "out of memory; take a smaller batch",
        ),
        ("tf.errors.ResourceExhaustedError", "None, None, 'No space left on device'", 3, "make room"),
    ],
)
def test_what_runs_out_is_one_sentence(tmp_path, kind, message, status, sentence):
    code = (
        "import tensorflow as tf, ultraseg.cli as cli\n"
        f"def spent():\n    raise {kind}({message})\n"
        "cli.app = spent\ncli.main()"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == status
    assert sentence in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


@pytest.mark.parametrize("size", [9_000, 20_000])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(folder, size):
    """A limit on the size of files stands in for the disk, once at the cache and once in training."""
    limit = f"import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    command = f"{limit}; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {COMMAND[2]}"
    answer = subprocess.run(
        [sys.executable, "-B", "-c", command, "run", "drawn.yaml", "--profile", "none"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    refused(answer, "make room and give the same command again")
    assert list((folder / "runs" / "trials").glob("[!.]*")) == []
    again = ultraseg("run", "drawn.yaml", "--profile", "none", folder=folder)
    assert again.returncode == 0, again.stderr


def _numbers(runs):
    return {p.parent.name: p.read_text() for p in sorted((runs / "trials").glob("[!.]*/images.csv"))}


@pytest.mark.slow
def test_kill_nine_in_mid_study_changes_nothing(folder):
    """Finished trials are not run again, the interrupted one goes on, the numbers equal an undisturbed run's."""
    words = ["run", "drawn.yaml", "--profile", "none", "--determinism", "strict"]
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


def test_run_report_export_predict(folder):
    """The whole road on phantoms, through the command line alone."""
    run = ultraseg("run", "drawn.yaml", "--profile", "none", folder=folder)
    assert run.returncode == 0, run.stderr
    out = folder / "runs" / "drawn-none"
    table = (out / "table.md").read_text()
    assert "phantom (synthetic)" in table
    assert "all background" in table
    assert {"table.md", "table.csv", "curves.png", "panels.png", "study.json"} <= {p.name for p in out.iterdir()}
    (out / "table.md").unlink()
    assert ultraseg("report", "drawn", "--profile", "none", folder=folder).returncode == 0
    assert (out / "table.md").read_text() == table
    name = json.loads((out / "study.json").read_text())["cells"][0]["trials"][0]["id"]
    export = ultraseg("export", name, "-o", "model", folder=folder)
    assert export.returncode == 0, export.stderr
    images = next((folder / "data" / "cache" / "phantoms").iterdir()) / "benign"
    (folder / "in").mkdir()
    (folder / "in" / "broken.png").write_text("broken")
    (folder / "in" / "fine.png").write_bytes((images / "benign (1).png").read_bytes())
    predict = ultraseg("predict", "model", "in", "-o", "masks", "--overlays", folder=folder)
    assert predict.returncode == 1
    assert "broken.png" in predict.stderr
    assert (folder / "masks" / "fine.png").is_file()
    assert not (folder / "masks" / "broken.png").exists()
