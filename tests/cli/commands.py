"""The command line as a person has it, in a process of its own, and within this one, where Keras is loaded already."""

import contextlib
import io
import subprocess
import sys
from types import SimpleNamespace

import pytest

from ultraseg import cli

COMMAND = [sys.executable, "-c", "from ultraseg.cli import main; main()"]


def ultraseg(*words, folder, **options):
    """Run the command line in a folder, in a process of its own, and return it finished."""
    return subprocess.run(
        [*COMMAND, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=300, check=False, **options
    )


def within(*words, folder):
    """Run the command line in a folder, in this process; what nothing catches is this test's error."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["ultraseg", *map(str, words)])
        patch.setattr(cli._starting, "start", lambda threads, devices=1: None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return SimpleNamespace(returncode=ended.value.code or 0, stdout=out.getvalue(), stderr=err.getvalue())


def refused(answer, *words):
    """One sentence on stderr that holds the words, no traceback, a status that is not 0."""
    assert answer.returncode != 0, answer.stdout
    assert "Traceback" not in answer.stderr, answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    for word in words:
        assert word in answer.stderr, answer.stderr
