"""Slurm: what is handed to it, that a command which is told to end does so, and what is refused."""

import importlib.util
import os
import signal
import sys
import threading
import time

import pytest

from ultraseg.runner import slurm, slurm_queue, submit

MODULE = sys.modules["ultraseg.runner.slurm"]
COMMANDS = [["run", "x", "--shard", f"{number}/2"] for number in (1, 2)]
SBATCH = """#!/bin/sh
for file; do :; done
cp "$file" "{kept}"
echo Submitted batch job 12
"""


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A machine whose sbatch keeps what it is given; returns the file."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("sbatch", SBATCH.format(kept=tmp_path / "kept.sh")), ("srun", "#!/bin/sh\n")):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "kept.sh"


def test_commands_become_one_array_with_the_parameters(tmp_path, cluster):
    given = {"partition": "gpu", "timeout_min": 30, "mem_gb": 16, "slurm_account": "lab"}
    jobs = submit(COMMANDS, queue=slurm_queue(given, logs=tmp_path / "a folder"))
    assert [job.job_id for job in jobs] == ["12_0", "12_1"]
    text = cluster.read_text()
    for line in ("--array=0-1", "--partition=gpu", "--time=30", "--mem=16GB", "--account=lab", "--signal=USR2@"):
        assert f"#SBATCH {line}" in text, text
    assert [job.submission().args[0] for job in jobs] == COMMANDS


def test_a_job_that_is_out_of_time_is_requeued_as_it_was(tmp_path, cluster):
    [job, _] = submit(COMMANDS, queue=slurm_queue({}, logs=tmp_path), environment={"ULTRASEG_DATA": "/data"})
    again = job.submission()._checkpoint_function()
    assert again.function is slurm.work and again.args == job.submission().args
    assert again.args[2] == {"ULTRASEG_DATA": "/data"}
    assert job.submission()._timeout_countdown == slurm.REQUEUES and "--time=240" in cluster.read_text()


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"colour": "red"}, "Unknown argument 'colour' for executor 'slurm'"),
        ({"timeout_min": "soon"}, "timeout_min"),
        ({"cluster": "moon"}, "doesn't know any executor named moon"),
    ],
)
def test_parameters_that_submitit_does_not_know_are_refused(tmp_path, cluster, parameters, sentence):
    with pytest.raises(ValueError, match=sentence) as raised:
        slurm_queue(parameters, logs=tmp_path)
    assert str(raised.value).startswith("--executor slurm: ") and "\n" not in str(raised.value)
    assert not cluster.exists()


def test_jobs_that_sbatch_refuses_are_told_in_a_sentence(tmp_path, cluster):
    (tmp_path / "bin" / "sbatch").write_text("#!/bin/sh\necho invalid account >&2\nexit 1\n")
    with pytest.raises(ValueError, match="--executor slurm: sbatch refused the jobs: .*invalid account"):
        submit(COMMANDS, queue=slurm_queue({}, logs=tmp_path))


def test_no_slurm_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match='Could not detect "srun"'):
        slurm_queue({}, logs=tmp_path)


def test_without_submitit_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'ultraseg\[slurm\]'"):
        slurm_queue({}, logs=tmp_path)


def test_the_exit_status_of_a_command_is_the_jobs_result(tmp_path, monkeypatch):
    monkeypatch.setattr(
        MODULE, "COMMAND", "import os, sys; sys.exit(os.getcwd() == os.environ['HERE'] and len(sys.argv))"
    )
    assert slurm.work(["a", "b"], str(tmp_path), {"HERE": str(tmp_path)}) == 3


@pytest.mark.parametrize(("deaf", "end"), [(False, 7), (True, -signal.SIGKILL)])
def test_a_command_ends_with_its_job(tmp_path, monkeypatch, deaf, end):
    """It is asked to, and killed if it does not listen."""
    how = "lambda *_: None" if deaf else f"lambda *_: (open({str(tmp_path / 'ended')!r}, 'w').close(), sys.exit(7))"
    ready = tmp_path / "ready"
    text = f"import signal, sys, time; signal.signal(15, {how}); open({str(ready)!r}, 'w').close(); time.sleep(600)"
    monkeypatch.setattr(MODULE, "COMMAND", text.replace("time.sleep(600)", "[time.sleep(1) for _ in range(600)]"))
    monkeypatch.setattr(MODULE, "GRACE", 0.5 if deaf else 30)
    children, popen = [], MODULE.subprocess.Popen

    def kept(*words, **options):
        children.append(popen(*words, **options))
        return children[-1]

    def requeued(*_):
        raise SystemExit(-1)

    monkeypatch.setattr(MODULE.subprocess, "Popen", kept)
    before = signal.signal(signal.SIGUSR2, requeued)
    try:
        threading.Thread(target=signal_once, args=(ready,)).start()
        with pytest.raises(SystemExit):
            slurm.work([], str(tmp_path), {})
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert children[0].wait(10) == end and (tmp_path / "ended").exists() != deaf


def signal_once(ready):
    while not ready.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGUSR2)
