"""A folder with the drawn study, and one in which it has run undisturbed."""

import pytest

from tests.cli.commands import ultraseg
from tests.cli.drawn_study import CROSS, PROFILES, STRICT
from tests.drawn import YAML


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drawn.yaml").write_text(YAML.format(more=f"{CROSS}\n{PROFILES}"))
    return tmp_path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The numbers of the study by one worker."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "drawn.yaml").write_text(YAML.format(more=CROSS))
    answer = ultraseg(*STRICT, folder=folder)
    assert answer.returncode == 0, answer.stderr
    return folder
