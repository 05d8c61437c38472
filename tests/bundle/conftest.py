"""A finished study whose data are drawn and whose scores are given by hand: two rows of two seeds and two folds."""

import pytest

from tests.bundle.finished import finish
from ultraseg.bundle import pack


@pytest.fixture
def made(tmp_path):
    return finish(tmp_path, tmp_path / "runs")


@pytest.fixture
def packed(made):
    made.bundle = pack(made.study, made.jobs, file=made.file, runs=made.runs, output=made.root / "packed.zip")
    return made
