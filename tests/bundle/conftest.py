"""A finished study whose data are drawn and whose scores are given by hand: two rows of two seeds and two folds."""

import shutil
from types import SimpleNamespace

import pytest

from tests.bundle.finished import finish
from ultraseg.bundle import pack


@pytest.fixture(scope="session")
def packed_once(tmp_path_factory):
    """The study with its bundle, which tests copy."""
    root = tmp_path_factory.mktemp("packed")
    made = finish(root, root / "runs")
    pack(made.study, made.jobs, file=made.file, runs=made.runs, output=root / "packed.zip")
    return made


@pytest.fixture
def packed(packed_once, tmp_path):
    """The study and its bundle, in a folder of this test's own."""
    shutil.copytree(packed_once.root, tmp_path, dirs_exist_ok=True)
    runs, file, bundle = tmp_path / "runs", tmp_path / "packed.yaml", tmp_path / "packed.zip"
    more = {"runs": runs, "file": file, "bundle": bundle, "folder": runs / "packed-none", "root": tmp_path}
    return SimpleNamespace(**{**vars(packed_once), **more})
