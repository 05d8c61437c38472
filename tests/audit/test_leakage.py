"""Leakage: counted by hand, and against scikit-learn's own random split."""

from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.model_selection import train_test_split

from ultraseg.audit import leakage, random_leakage
from ultraseg.samples import Sample
from ultraseg.splits import Fold

SAMPLES = [Sample(f"{i:02}", Path(f"{i:02}.png"), (), "a", f"{i}", "drawn") for i in range(40)]


def scans(names):
    return [replace(sample, scan=names.get(sample.id, sample.id)) for sample in SAMPLES]


def test_every_twin_across_the_split_is_named():
    found = leakage(scans(dict.fromkeys(("00", "01", "02", "03"), "00")), Fold([0, 1, 5], [2], [3, 6]))
    assert (found.tested, found.leaking, found.share) == (2, 1, 0.5)
    assert found.pairs == (("03", "00"), ("03", "01"))


def test_nothing_leaks_where_nobody_has_a_twin():
    found = leakage(scans({}), Fold([0], [], [1]))
    assert (found.leaking, found.pairs, leakage(SAMPLES, Fold([0], [], [])).share) == (0, (), 0.0)


def test_random_splits_are_scikit_learns():
    samples = scans({f"{i:02}": f"{i // 2}" for i in range(20)})  # ten pairs and twenty alone
    expected = []
    for seed in (3, 4):
        train, test = train_test_split(range(40), test_size=0.2, random_state=seed)
        expected.append(sum((index ^ 1) in train for index in test if index < 20) / 8)
    assert random_leakage(samples, seeds=(3, 4)) == pytest.approx(expected) and sum(expected)
