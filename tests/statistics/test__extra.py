"""A package that is not installed is asked for in a sentence."""

import pytest

from ultraseg.statistics._extra import extra


def test_what_is_there_is_imported():
    assert extra("test", "statsmodels.stats.multitest").multipletests


def test_what_is_not_there_is_named_with_the_command():
    with pytest.raises(ValueError, match=r"^test: wants absent_one, .* pip install 'ultraseg\[stats\]'$"):
        extra("test", "absent_one.part")
