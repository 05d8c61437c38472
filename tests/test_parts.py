"""Parts of a trial's data: what trains, validates and tests, and the splits that are refused."""

from dataclasses import replace

import pytest

from tests.drawn import paired, ready, split_by
from ultraseg.parts import parts


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return ready(tmp_path_factory.mktemp("parts"))


def test_validation_is_refused_where_the_test_part_trains(drawn):
    resolved, collection, _ = drawn
    data = {**resolved["data"], "split": {"resubstitution": {}}}
    with pytest.raises(ValueError, match="must be 0 where the split tests on what it trained on"):
        parts({**resolved, "data": data}, collection)


def test_best_without_validation_is_refused(drawn):
    resolved, collection, _ = drawn
    with pytest.raises(ValueError, match="'best' is chosen on validation data"):
        parts({**resolved, "data": {**resolved["data"], "validation": 0.0}}, collection)


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ([], range(36)),
        (["contradicted"], range(4, 36)),
        (["copies"], range(0, 36, 2)),
        (["copies", "contradicted"], range(4, 36, 2)),
    ],
)
def test_what_is_excluded_is_in_no_part(drawn, exclude, left):
    resolved, collection, _ = paired(drawn)
    part = parts(split_by(resolved, "random", exclude=exclude, validation=0.5), collection)
    assert sorted([*part.train, *part.validation, *part.test]) == [*left]


def test_a_split_may_bring_its_own_validation_part(drawn):
    resolved, collection, _ = drawn
    halves = {"random": {"share": 0.5, "halves": True}}
    part = parts(split_by(resolved, halves, validation=0.0), collection)
    assert [len(side) for side in part] == [18, 9, 9]
    with pytest.raises(ValueError, match="must be 0 where the split has a validation part of its own"):
        parts(split_by(resolved, halves, validation=0.25), collection)


def test_a_share_of_training_leaves_validation_and_test_as_they_are(drawn):
    resolved, collection, _ = drawn
    whole = parts(resolved, collection)
    half = parts({**resolved, "data": {**resolved["data"], "training": 0.5}}, collection)
    assert set(half.train) < set(whole.train) and abs(len(half.train) - len(whole.train) / 2) <= 3
    assert (half.validation, half.test) == (whole.validation, whole.test)


def test_a_fold_that_the_split_has_not_is_refused(drawn):
    resolved, collection, _ = drawn
    with pytest.raises(ValueError, match=r"cross.fold: the split has 1 fold\(s\), numbered from 0, got 3"):
        parts({**resolved, "fold": 3}, collection)


@pytest.mark.parametrize(
    ("structures", "changes", "sentence"),
    [
        (
            (),
            {"classes": 2, "independent": True},
            "has one lesion mask an image; set classes: 1 and independent: false",
        ),
        (("a", "b"), {}, r"has 2 structures \(a, b\); set classes: 2 and independent: true"),
        (("a", "b"), {"classes": 3, "independent": True}, r"has 2 structures \(a, b\); set classes: 2"),
    ],
)
def test_structures_and_channels_have_to_agree(drawn, structures, changes, sentence):
    resolved, collection, _ = drawn
    named = replace(collection, samples=tuple(replace(s, structures=structures) for s in collection.samples))
    with pytest.raises(ValueError, match=sentence):
        parts({**resolved, **changes}, named)
