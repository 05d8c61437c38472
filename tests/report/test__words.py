"""By hand: numbers, spreads, ranges and times as the report writes them."""

import pytest

from ultraseg.report import _words
from ultraseg.report._summary import NAN, Score


@pytest.mark.parametrize(
    "value, places, words",
    [(0.91234, 4, "0.9123"), (0.5, 3, "0.500"), (1601.77, 4, "1,601.8"), (-0.25, 2, "-0.25"), (NAN, 4, "–")],
)
def test_number(value, places, words):
    assert _words.number(value, places) == words


def test_spread_is_claimed_of_several_trials_alone():
    assert _words.spread(Score(0.5, 0.14142, 0.4, 2, 0, 6)) == "0.5000 ± 0.1414"
    assert _words.spread(Score(0.5, NAN, 0.4, 1, 0, 6)) == "0.5000 (one trial)"
    assert _words.spread(Score(NAN, NAN, NAN, 0, 0, 0)) == "–"


@pytest.mark.parametrize(
    "values, places, words",
    [
        ([129, 129], 0, "129"),
        ([130, 129], 0, "129 to 130"),
        ([1942289], 0, "1,942,289"),
        ([0.1, 0.25], 2, "0.10 to 0.25"),
    ]
    + [([], 0, "–")],
)
def test_between(values, places, words):
    assert _words.between(values, places) == words


@pytest.mark.parametrize("seconds, words", [(12.4, "12 s"), (89 * 60, "89 min"), (5520, "1 h 32 min")])
def test_duration(seconds, words):
    assert _words.duration(seconds) == words


def test_listed():
    assert [_words.listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_trials_spells_out_what_went_wrong(folder):
    made = folder()
    made.put(0, 0, dice=[0.5])
    made.put(0, 1, dice=[0.0], outcome="collapsed")
    made.put(0, 2, dice=[], outcome="diverged")
    sgd, adam = made.summary().rows
    assert _words.trials(sgd) == "3 of 3, 1 collapsed, 1 diverged"
    assert _words.trials(adam) == "0 of 3"
    assert _words.labels([sgd, adam]) == '"sgd", "adam"'


def test_no_share_differs_by_more_than_one():
    assert _words.beyond(1.01, "dice") and not _words.beyond(1.0, "dice")
    assert not _words.beyond(7.0, "hausdorff95") and not _words.beyond(NAN, "dice")
