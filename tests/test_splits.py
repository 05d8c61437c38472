"""Splits: no group on two sides, whatever the samples; labels and sizes in their share; the same on every machine."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn import model_selection

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
# many small manifests cannot be split, and how many is chance
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


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
    class Leaking(model_selection.StratifiedGroupKFold):
        def split(self, X, y=None, groups=None):
            return super().split(X, y, list(range(len(X))))

    monkeypatch.setattr(model_selection, "StratifiedGroupKFold", Leaking)
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
    with pytest.raises(
        ValueError, match="test, train and validation must be different sources, got 'three'; there is: one, two"
    ):
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


def of_sources(names, groups=None):
    rows = samples([("a", group) for group in groups or [f"{i}" for i in range(len(names))]])
    return [replace(sample, source=name) for sample, name in zip(rows, names, strict=True)]


def test_some_sources_train_and_the_others_test():
    mixed = of_sources("abcab")
    assert splits.by_source(mixed, train="a") == [([0, 3], [], [1, 2, 4])]
    assert splits.by_source(mixed, test=["c", "b"]) == [([0, 3], [], [1, 2, 4])]
    assert splits.by_source(mixed, test="c", validation="b") == [([0, 3], [1, 4], [2])]
    assert splits.by_source(mixed, train="a", test="b") == [([0, 3], [], [1, 4])], "c is in no part"


def test_what_crosses_sources_is_refused_or_dropped_from_training():
    # p is in training and test, q in training and validation, r in validation and test
    crossed = of_sources("aaavvt" + "t", ["p", "q", "s", "q", "r", "r", "p"])
    with pytest.raises(ValueError, match="the group 'p' is in both"):
        splits.by_source(crossed, test="t", validation="v")
    [fold] = splits.by_source(crossed, test="t", validation="v", crossing="drop")
    assert fold == ([2], [3], [5, 6])
    assert splits.crossing(crossed, fold) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "name the sources that test, or those that train"),
        ({"test": "a", "train": "a"}, "must be different sources, got 'a'; there is: a, b"),
        ({"validation": "z", "test": "a"}, "must be different sources, got 'z'"),
        ({"test": ["a", "b"]}, "nothing is left to train or to test on"),
        ({"test": "a", "crossing": "keep"}, "crossing must be 'refuse' or 'drop', got 'keep'"),
    ],
)
def test_sources_that_make_no_split_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        splits.by_source(of_sources("ab"), **options)


def test_a_split_by_source_that_drops_everything_is_refused():
    with pytest.raises(ValueError, match="nothing is left"):
        splits.by_source(of_sources("ab", ["p", "p"]), test="b", crossing="drop")


@FAST
@given(manifests(4), st.integers(0, 99))
def test_a_random_split_without_its_leak_tests_the_same_images(manifest, seed):
    try:
        found = {crossing: splits.random(manifest, seed=seed, crossing=crossing)[0] for crossing in ("keep", "drop")}
    except ValueError:
        assume(False)
    leaking = splits.random(manifest, seed=seed, crossing="drop others")[0]
    assert found["keep"].test == found["drop"].test == leaking.test
    assert splits.crossing(manifest, found["drop"]) == []
    assert splits.crossing(manifest, leaking) == splits.crossing(manifest, found["keep"])
    gone = set(found["keep"].train) - set(found["drop"].train)
    assert gone <= set(leaking.train) <= set(found["keep"].train)
    assert len(leaking.train) == max(len(found["drop"].train), len(gone))


def test_a_random_split_of_one_group_or_with_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="'drop' leaves nothing to train on"):
        splits.random(samples([("a", "g")] * 9), crossing="drop")
    with pytest.raises(ValueError, match="crossing must be 'keep', 'drop' or 'drop others', got 'purge'"):
        splits.random(samples([("a", "g")] * 9), crossing="purge")


def test_pairs_leak_by_chance_and_not_when_copies_are_dropped():
    pairs = [replace(s, scan=f"{i // 2}", group=f"{i // 2}") for i, s in enumerate(BUSI)]
    [keep], [drop], [leaking] = (splits.random(pairs, crossing=c) for c in ("keep", "drop", "drop others"))
    twins = sum((index ^ 1) in keep.train for index in keep.test)
    assert splits.twins(pairs, keep) == splits.twins(pairs, leaking) == twins > 80
    assert splits.twins(pairs, drop) == 0
    assert len(keep.train) == 517 and len(drop.train) == len(leaking.train) == 517 - twins


@FAST
@given(manifests(4), st.integers(0, 99))
def test_a_smaller_share_of_training_lies_within_a_larger_one_and_groups_stay_whole(manifest, seed):
    train = list(range(0, len(manifest), 2))
    parts = [splits.thin(manifest, train, share=share, seed=seed) for share in (0.1, 0.25, 0.5, 0.8, 1.0)]
    assert parts[-1] == train
    for smaller, larger in zip(parts, parts[1:], strict=False):
        assert smaller and set(smaller) <= set(larger) and smaller == sorted(smaller)
    for part in parts:
        left = set(train) - set(part)
        assert not groups(manifest, part) & groups(manifest, left)


def test_a_share_of_training_keeps_labels_in_their_shares():
    # 437 and 210 groups of one image: a quarter is 109.25 and 52.5, rounded to even
    kept = splits.thin(BUSI, range(647), share=0.25, seed=3)
    assert [[BUSI[i].label for i in kept].count(label) for label in ("benign", "malignant")] == [109, 52]
    assert kept != splits.thin(BUSI, range(647), share=0.25, seed=4)


@pytest.mark.parametrize("share", [0, -0.5, 1.5])
def test_a_share_of_training_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="training: share must be above 0 and at most 1, got"):
        splits.thin(BUSI, [0, 1], share=share, seed=0)


def test_resubstitution_may_use_a_part_alone():
    [fold] = splits.resubstitution(BUSI, share=0.1)
    assert len(fold.train) == 65 and fold.train == fold.test == sorted(set(fold.train))
    assert fold != splits.resubstitution(BUSI, share=0.1, seed=1)[0]
    with pytest.raises(ValueError, match="resubstitution: share must be above 0 and at most 1, got 0"):
        splits.resubstitution(BUSI, share=0)
    with pytest.raises(ValueError, match="a share of 0.1 of 3 images is none"):
        splits.resubstitution(BUSI[:3], share=0.1)
