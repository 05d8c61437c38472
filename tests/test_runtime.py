"""Process set-up: what TensorFlow reads as it loads, seeds, and what a training says that it ran on."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from ultraseg import runtime

NAMES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "TF_ENABLE_ONEDNN_OPTS")


@pytest.fixture
def environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5})


@pytest.mark.parametrize(("threads", "count"), [(0, "3"), (2, "2")])
def test_threads_are_those_asked_for_or_all_that_are_allowed(environment, threads, count):
    runtime.prepare(threads=threads)
    assert [os.environ[name] for name in NAMES] == [count, "2", count, "1"]


def test_what_the_user_has_set_stays_save_the_threads_that_were_asked_for(environment, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "9")
    runtime.prepare(threads=2)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "2"


@pytest.mark.parametrize(
    ("backend", "devices", "flags"),
    [("jax", 2, f"--old {runtime.HOST_DEVICES}=2"), ("jax", 1, "--old"), ("", 2, "--old")],
)
def test_jax_is_shown_parts_of_the_processor(environment, monkeypatch, backend, devices, flags):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setenv("XLA_FLAGS", "--old")
    runtime.prepare(devices=devices)
    assert os.environ["XLA_FLAGS"] == flags


def test_negative_threads_are_refused():
    with pytest.raises(ValueError, match="threads must be at least 0, got -1"):
        runtime.prepare(threads=-1)


def test_what_is_loaded_is_not_searched_again():
    assert gc.get_freeze_count() > 100_000  # by conftest.py, which loads Keras
    kept = []
    runtime.load()
    assert not any(found is kept for found in gc.get_objects())
    gc.unfreeze()
    assert any(found is kept for found in gc.get_objects())
    runtime.load()


def load(folder, source):
    """Run `runtime.load` where `keras` is a file of ours."""
    (folder / "keras.py").write_text(source)
    code = "from ultraseg import runtime; runtime.load(); import sys; print('after', file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_loading_is_silent_and_gives_the_terminal_back(tmp_path):
    done = load(tmp_path, "import os; os.write(2, b'chatter')")
    assert (done.returncode, done.stderr) == (0, "after\n")


def test_a_backend_that_does_not_load_shows_what_it_wrote(tmp_path):
    done = load(tmp_path, "import os; os.write(2, b'chatter\\n'); raise ImportError('no backend')")
    assert done.returncode == 1
    assert "chatter\n" in done.stderr and "no backend" in done.stderr


def test_settle_seeds_new_weights_and_numpy():
    draws = []
    for seed in (3, 3, 4):
        runtime.settle(seed, "seeded")
        weight = keras.initializers.GlorotUniform()((1, 1))
        draws.append((float(weight[0, 0]), np.random.random()))
    assert draws[0] == draws[1] and draws[0][0] != draws[2][0] and draws[0][1] != draws[2][1]


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="determinism must be one of seeded, strict, got 'exact'"):
        runtime.settle(0, "exact")


def test_what_it_ran_on():
    told = runtime.describe("seeded")
    assert told["determinism"] == "seeded" and told["backend"] == keras.backend.backend()
    assert told["versions"]["keras"] == keras.__version__
    assert set(told["versions"]) <= set(runtime.PACKAGES)
    assert told["devices"] == 1 and runtime.describe("seeded", devices=3)["devices"] == 3
    assert told["device"] and told["threads"] == int(os.environ["TF_NUM_INTRAOP_THREADS"])


def test_without_git_there_is_no_revision(monkeypatch):
    def absent(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", absent)
    runtime.revision.cache_clear()
    assert runtime.describe("seeded")["git"] is None
    runtime.revision.cache_clear()


def test_a_gpu_is_named(monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0", "cpu:0"])
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["the first"] if kind == "GPU" else [])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: {"device_name": "Some GPU 9000"})
    assert runtime.describe("seeded")["device"] == ["gpu:0 Some GPU 9000", "cpu:0"]


def test_peak_memory_is_this_process_own():
    """A hundred megabytes show, also in a process that was started by a larger one."""
    code = "from ultraseg import runtime; a = runtime.peak_memory_mib(); b = b'1' * 100 * 2**20; "
    held = bytearray(b"1") * (400 * 2**20)
    done = subprocess.run([sys.executable, "-c", code + "print(a, runtime.peak_memory_mib())"], capture_output=True)
    before, after = map(float, done.stdout.split())
    assert 5 < before < 200 < runtime.peak_memory_mib() and 95 < after - before < 130
    assert len(held) == 400 * 2**20


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux forgets a peak")
def test_a_peak_can_be_forgotten():
    code = (
        "from ultraseg import runtime; b = b'1' * 200 * 2**20; del b; a = runtime.peak_memory_mib(); "
        "runtime.forget_peak_memory(); print(a, runtime.peak_memory_mib())"
    )
    before, after = map(float, subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.split())
    assert before - after > 150


def test_cores_are_those_that_are_allowed(environment):
    assert runtime.cores() == 3
