"""Splits: no group on two sides, whatever the samples; every label in its share; the same on every machine."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ultraseg import splits
from ultraseg.samples import Sample


def samples(pairs):
    return [Sample(f"{i}", Path(f"{i}.png"), (), label, group, "drawn") for i, (label, group) in enumerate(pairs)]


def groups(manifest, indices):
    return {manifest[index].group for index in indices}


MANIFESTS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("0123456789")), min_size=4, max_size=40).map(
    samples
)
BUSI = samples([("benign", f"b{i}") for i in range(437)] + [("malignant", f"m{i}") for i in range(210)])
FAST = settings(max_examples=60)


@FAST
@given(MANIFESTS, st.integers(2, 5), st.integers(0, 99))
def test_folds_cover_everything_once_and_no_group_crosses(manifest, folds, seed):
    try:
        pairs = splits.kfold(manifest, folds=folds, seed=seed)
    except ValueError:
        assume(False)
    assert len(pairs) == folds
    assert sorted(index for _, test in pairs for index in test) == list(range(len(manifest)))
    for train, test in pairs:
        assert train and test
        assert sorted(train + test) == list(range(len(manifest)))
        assert train == sorted(train) and test == sorted(test)
        assert not groups(manifest, train) & groups(manifest, test)
    assert splits.kfold(manifest, folds=folds, seed=seed) == pairs


@FAST
@given(MANIFESTS, st.sampled_from([0.15, 0.25, 0.5]), st.integers(0, 99))
def test_carving_touches_neither_the_test_part_nor_a_group_of_it(manifest, share, seed):
    try:
        [(train, test)] = splits.holdout(manifest, share=0.25, seed=seed)
        left, carved = splits.carve(manifest, train, share=share, seed=seed)
    except ValueError:
        assume(False)
    assert sorted(left + carved) == train
    assert not set(left + carved) & set(test)
    assert not groups(manifest, carved) & groups(manifest, left)
    assert not groups(manifest, carved) & groups(manifest, test)


def test_labels_keep_their_share():
    for _, test in splits.kfold(BUSI, folds=5, seed=17):
        labels = [BUSI[index].label for index in test]
        assert labels.count("benign") in (87, 88) and labels.count("malignant") == 42


def test_a_split_is_the_same_on_every_machine():
    manifest = samples([("ab"[i % 2], str(i // 3)) for i in range(18)])
    assert splits.kfold(manifest, folds=3, seed=17)[0][1] == [6, 7, 8, 15, 16, 17]
    assert splits.holdout(manifest, share=0.5, seed=17)[0][1] == [6, 7, 8, 12, 13, 14, 15, 16, 17]


def test_another_seed_is_another_split():
    assert splits.kfold(BUSI, seed=17) != splits.kfold(BUSI, seed=18)


@pytest.mark.parametrize(("share", "parts"), [(0.5, 2), (0.4, 3), (0.35, 3), (0.25, 4), (0.2, 5), (0.15, 7), (0.1, 10)])
def test_the_part_held_out_is_the_nearest_that_divides(share, parts):
    # 0.4 lies 0.1 below 1/2 and 0.067 above 1/3
    [(train, test)] = splits.holdout(BUSI, share=share)
    assert len(test) == pytest.approx(647 / parts, abs=1)
    assert len(train) + len(test) == 647


def test_nothing_is_carved_out_for_a_share_of_0():
    assert splits.carve(BUSI, [5, 7, 9], share=0, seed=0) == ([5, 7, 9], [])


def test_resubstitution_tests_on_what_it_trained_on():
    assert splits.resubstitution(BUSI[:3]) == [([0, 1, 2], [0, 1, 2])]


@pytest.mark.parametrize("share", [0, -0.1, 0.51, 1, float("nan")])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="holdout: share must be above 0 and at most 0.5, got"):
        splits.holdout(BUSI, share=share)
    if share:
        with pytest.raises(ValueError, match="validation: share must be from 0 to 0.5, got"):
            splits.carve(BUSI, range(9), share=share, seed=0)


@pytest.mark.parametrize("folds", [1, 0, -2, 4])
def test_a_number_of_folds_that_the_groups_do_not_allow_is_refused(folds):
    manifest = samples([("a", str(i % 3)) for i in range(9)])
    with pytest.raises(ValueError, match=rf"kfold: from 2 parts to one per group \(3\) are possible, got {folds}"):
        splits.kfold(manifest, folds=folds)


def test_a_label_that_is_too_rare_is_named():
    manifest = samples([("a" if i else "b", str(i)) for i in range(9)])
    with pytest.raises(ValueError, match="kfold: 3 equal parts want 3 images of each label, only 1 are b"):
        splits.kfold(manifest, folds=3)
    with pytest.raises(ValueError, match="validation: 4 equal parts"):
        splits.carve(manifest, range(9), share=0.25, seed=0)


def test_a_splitter_that_leaks_is_caught(monkeypatch):
    class Leaking(splits.StratifiedGroupKFold):
        def split(self, X, y=None, groups=None):
            return super().split(X, y, list(range(len(X))))

    monkeypatch.setattr(splits, "StratifiedGroupKFold", Leaking)
    with pytest.raises(ValueError, match="split: the group '0' is in both training and test"):
        splits.kfold(samples([("ab"[i % 2], str(i // 6)) for i in range(12)]), folds=2)


def test_a_leak_is_refused_by_its_group():
    with pytest.raises(ValueError, match="the group 'p' is in both training and test"):
        splits.refuse_leak(samples([("a", "p"), ("a", "q"), ("b", "p")]), [0, 1], [2])


def test_a_label_whose_groups_are_fewer_than_the_parts_is_named():
    # six malignant images of two patients: one of three parts has to go without
    pairs = [("benign", f"b{i}") for i in range(12)] + [("malignant", f"patient {i % 2}") for i in range(6)]
    sentence = r"kfold: the held-out part of fold \d has no image of label 'malignant', whose images lie in 2 group"
    with pytest.raises(ValueError, match=sentence):
        splits.kfold(samples(pairs), folds=3)
