"""Splits: no group on two sides, whatever the samples; labels and sizes in their share; the same on every machine."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ultraseg import splits
from ultraseg.samples import Sample, read_manifest
from ultraseg.splits import Fold


def samples(pairs):
    return [Sample(f"{i}", Path(f"{i}.png"), (), label, group, "drawn") for i, (label, group) in enumerate(pairs)]


def groups(manifest, indices):
    return {manifest[index].group for index in indices}


def sized(rows):
    found = samples([(label, group) for label, group, _ in rows])
    return [replace(sample, lesion=lesion) for sample, (_, _, lesion) in zip(found, rows, strict=True)]


def manifests(least):
    row = st.tuples(st.sampled_from("ab"), st.sampled_from("0123456789"), st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.9]))
    return st.lists(row, min_size=least, max_size=40).map(sized)


BUSI = samples([("benign", f"b{i}") for i in range(437)] + [("malignant", f"m{i}") for i in range(210)])
FAST = settings(max_examples=60, deadline=None)


@FAST
@given(manifests(8), st.integers(2, 5), st.integers(0, 99))
def test_folds_cover_everything_once_and_no_group_crosses(manifest, folds, seed):
    try:
        found = splits.kfold(manifest, folds=folds, seed=seed)
    except ValueError:
        assume(False)
    assert len(found) == folds
    assert sorted(index for fold in found for index in fold.test) == list(range(len(manifest)))
    for train, validation, test in found:
        assert train and test and validation == []
        assert sorted(train + test) == list(range(len(manifest)))
        assert train == sorted(train) and test == sorted(test)
        assert not groups(manifest, train) & groups(manifest, test)
    assert splits.kfold(manifest, folds=folds, seed=seed) == found


@FAST
@given(manifests(24), st.sampled_from([0.25, 0.4, 0.5]), st.integers(0, 99))
def test_carving_touches_neither_the_test_part_nor_a_group_of_it(manifest, share, seed):
    try:
        [(train, _, test)] = splits.holdout(manifest, share=0.25, seed=seed)
        left, carved = splits.carve(manifest, train, share=share, seed=seed)
    except ValueError:
        assume(False)
    assert sorted(left + carved) == train
    assert not set(left + carved) & set(test)
    assert not groups(manifest, carved) & groups(manifest, left)
    assert not groups(manifest, carved) & groups(manifest, test)


def test_labels_keep_their_share():
    for _, _, test in splits.kfold(BUSI, folds=5, seed=17):
        labels = [BUSI[index].label for index in test]
        assert labels.count("benign") in (87, 88) and labels.count("malignant") == 42


def test_a_split_is_the_same_on_every_machine():
    manifest = samples([("ab"[i % 2], str(i // 3)) for i in range(18)])
    assert splits.kfold(manifest, folds=3, seed=17)[0].test == [6, 7, 8, 15, 16, 17]
    assert splits.holdout(manifest, share=0.5, seed=17)[0].test == [6, 7, 8, 12, 13, 14, 15, 16, 17]


def test_another_seed_is_another_split():
    assert splits.kfold(BUSI, seed=17) != splits.kfold(BUSI, seed=18)


@pytest.mark.parametrize(("share", "parts"), [(0.5, 2), (0.4, 3), (0.35, 3), (0.25, 4), (0.2, 5), (0.15, 7), (0.1, 10)])
def test_the_part_held_out_is_the_nearest_that_divides(share, parts):
    # 0.4 lies 0.1 below 1/2 and 0.067 above 1/3
    [(train, _, test)] = splits.holdout(BUSI, share=share)
    assert len(test) == pytest.approx(647 / parts, abs=1)
    assert len(train) + len(test) == 647


def test_nothing_is_carved_out_for_a_share_of_0():
    assert splits.carve(BUSI, [5, 7, 9], share=0, seed=0) == ([5, 7, 9], [])


def test_resubstitution_tests_on_what_it_trained_on():
    assert splits.resubstitution(BUSI[:3]) == [([0, 1, 2], [], [0, 1, 2])]


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


COMMITTED = [
    Sample(row.id, Path(f"{row.id}.png"), (), row.label, row.group, "BUSI", scan=row.scan, lesion=float(row.lesion))
    for row in read_manifest(Path(__file__).parents[1] / "data" / "busi.csv")
]


def test_no_group_of_busi_crosses_for_100_seeds():
    # 20 folds of each of kfold and holdout would be the same law; two folds a seed keep it quick
    assert len({sample.group for sample in COMMITTED}) < len(COMMITTED) == 780
    for seed in range(100):
        [fold] = splits.holdout(COMMITTED, seed=seed)
        train, validation = splits.carve(COMMITTED, fold.train, share=0.15, seed=seed)
        assert splits.crossing(COMMITTED, Fold(train, validation, fold.test)) == []
        assert splits.twins(COMMITTED, fold) == 0


@pytest.mark.slow
def test_no_group_of_busi_crosses_a_fold_for_100_seeds():
    for seed in range(100):
        for fold in splits.kfold(COMMITTED, seed=seed):
            assert splits.crossing(COMMITTED, fold) == [] and splits.twins(COMMITTED, fold) == 0


def test_strata_are_label_and_third_of_the_lesions():
    # lesions 0.1, 0.2, 0.3: the cuts lie at 1/6 and 7/30
    rows = [("a", "1", 0.1), ("a", "2", 0.2), ("b", "3", 0.3), ("b", "4", 0.0)]
    assert splits.strata(sized(rows)) == ["a small", "a middle", "b large", "b"]
    assert splits.strata(samples([("a", "1"), ("b", "2")])) == ["a", "b"]


def test_sizes_keep_their_share():
    manifest = sized([("a", f"{i}", 0.01 * (i + 1)) for i in range(60)])
    for fold in splits.kfold(manifest, folds=5, seed=3):
        thirds = [splits.strata(manifest)[index] for index in fold.test]
        assert all(thirds.count(f"a {third}") == 4 for third in ("small", "middle", "large"))


def test_the_reports_splits_are_scikit_learns_on_the_sorted_list():
    from sklearn.model_selection import train_test_split

    names = sorted(f"{i}.png" for i in range(100))
    train, test = train_test_split(names, test_size=0.2, random_state=30)
    [found] = splits.random(samples([("a", f"{i}") for i in range(100)]), share=0.2, seed=30)
    assert {f"{index}.png" for index in found.train} == set(train) and {f"{i}.png" for i in found.test} == set(test)
    _, held = train_test_split(names, test_size=0.2, random_state=0)
    validation, test = train_test_split(held, test_size=0.5, random_state=0)
    [found] = splits.random(samples([("a", f"{i}") for i in range(100)]), seed=0, halves=True)
    assert [len(part) for part in found] == [80, 10, 10]
    assert {f"{i}.png" for i in found.validation} == set(validation) and {f"{i}.png" for i in found.test} == set(test)


def test_a_random_split_counts_its_twins():
    pairs = [replace(sample, scan=f"{index // 2}") for index, sample in enumerate(samples([("a", "g")] * 40))]
    [fold] = splits.random(pairs, share=0.25, seed=1)
    expected = sum((index ^ 1) in fold.train for index in fold.test)
    assert expected and splits.twins(pairs, fold) == expected
    assert splits.crossing(pairs, fold) == ["g"]


@pytest.mark.parametrize("share", [0, 1, -1, 0.01])
def test_a_random_split_without_a_part_is_refused(share):
    with pytest.raises(ValueError, match="random: "):
        splits.random(samples([("a", "g")] * 5), share=share)


def test_one_source_tests():
    mixed = [replace(s, source=("one", "two")[i % 2]) for i, s in enumerate(samples([("a", f"{i}") for i in range(4)]))]
    assert splits.by_source(mixed, test="two") == [([0, 2], [], [1, 3])]
    with pytest.raises(ValueError, match="test must be one of several sources, got 'three'; there is: one, two"):
        splits.by_source(mixed, test="three")
    with pytest.raises(ValueError, match="the group 'p' is in both"):
        splits.by_source([replace(sample, group="p") for sample in mixed], test="two")


def write(path, tree):
    path.write_text(json.dumps(tree))
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_split_of_a_file_is_taken_as_it_is(tmp_path):
    manifest = samples([("a", "p"), ("a", "p"), ("b", "q"), ("b", "r")])
    given = write(tmp_path / "s.json", {"folds": [{"train": ["1", "0"], "test": ["2"]}, {"train": ["3"], "test": []}]})
    assert splits.file(manifest, **given) == [([0, 1], [], [2]), ([3], [], [])]
    alone = write(tmp_path / "one.json", {"train": ["0"], "validation": ["2"], "test": ["3"]})
    assert splits.file(manifest, **alone) == [([0], [2], [3])]


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"train": ["0"], "test": ["1"]}, "the group 'p' is in both training and test"),
        ({"train": ["0"], "validation": ["1"], "test": ["2"]}, "the group 'p' is in both"),
        ({"train": ["0"], "test": ["9"]}, "'9' is not among the 4 images"),
        ({"train": ["0"], "test": ["0"]}, "'0' stands in fold 0 twice"),
        ({"train": "0", "test": ["2"]}, "not a split"),
        ({"train": ["0"]}, "not a split"),
        ([], "not a split"),
    ],
)
def test_a_file_that_is_no_split_is_refused(tree, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        splits.file(samples([("a", "p"), ("a", "p"), ("b", "q"), ("b", "r")]), **write(tmp_path / "s.json", tree))


def test_a_file_that_changed_is_refused(tmp_path):
    given = write(tmp_path / "s.json", {"train": ["0"], "test": ["2"]})
    (tmp_path / "s.json").write_text("{}")
    with pytest.raises(ValueError, match="its SHA-256 is [0-9a-f]{64}, the study says"):
        splits.file(samples([("a", "p")]), **given)


def test_what_is_excluded():
    manifest = [replace(sample, scan="s") for sample in samples([("a", "p")] * 3)]
    manifest[1] = replace(manifest[1], contradicted="mask")
    manifest += [replace(sample, scan="t") for sample in samples([("b", "q")])]
    assert splits.included(manifest, []) == [0, 1, 2, 3]
    assert splits.included(manifest, ["copies"]) == [0, 3]
    assert splits.included(manifest, ["contradicted"]) == [0, 2, 3]
    assert splits.included(manifest[1:2] + manifest[:1], ["contradicted", "copies"]) == [1]
    with pytest.raises(ValueError, match="data.exclude: contradicted leaves none of 1 images"):
        splits.included(manifest[1:2], ["contradicted"])
