"""Folders of studies for the tests of the report."""

import pytest

from tests.report.folders import QUESTION, Folder


@pytest.fixture
def folder(tmp_path):
    """Make the folder of a study; `folder()` is that of QUESTION on BUSI, none of its trials done."""
    return lambda text=QUESTION, data="BUSI", name="a": Folder(tmp_path / name, text, data)
