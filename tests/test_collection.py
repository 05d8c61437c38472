"""Collections: what is read, what is kept, and that a changed file is noticed."""

import shutil

import cv2
import numpy as np
import pytest

from ultraseg.collection import collect

SPEC = {"busi": {"complete": False}}


def draw(root, name, seed):
    image = np.random.default_rng(seed).integers(0, 255, (20, 30), np.uint8)
    cv2.imwrite(str(root / f"{name}.png"), image)
    cv2.imwrite(str(root / f"{name}_mask.png"), (image > 128).astype(np.uint8) * 255)


@pytest.fixture
def root(tmp_path):
    for label in ("benign", "malignant", "normal"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for number in (1, 2, 3):
            draw(tmp_path / "set" / label, f"{label} ({number})", 10 * ord(label[0]) + number)
    return tmp_path / "set"


def test_copies_share_a_group_across_labels(root, tmp_path):
    shutil.copy(root / "benign" / "benign (2).png", root / "malignant" / "malignant (3).png")
    groups = {s.id: s.group for s in collect(SPEC, root=root, cache=tmp_path / "cache").samples}
    assert groups["malignant-3"] == groups["benign-2"] == "benign-2"
    assert len(set(groups.values())) == 8


def test_kept_manifest_gives_the_same_collection(root, tmp_path):
    first = collect(SPEC, root=root, cache=tmp_path / "cache")
    assert collect(SPEC, root=root, cache=tmp_path / "cache") == first


def test_fingerprint_does_not_depend_on_the_place(root, tmp_path):
    moved = shutil.copytree(root, tmp_path / "moved")
    here, there = (collect(SPEC, root=place, cache=tmp_path / "cache") for place in (root, moved))
    assert here.fingerprint == there.fingerprint


def test_a_changed_mask_changes_the_fingerprint(root, tmp_path):
    before = collect(SPEC, root=root, cache=tmp_path / "cache")
    cv2.imwrite(str(root / "benign" / "benign (1)_mask.png"), np.zeros((20, 30), np.uint8))
    after = collect(SPEC, root=root, cache=tmp_path / "cache")
    assert after.fingerprint != before.fingerprint
    assert [a.id for a, b in zip(before.rows, after.rows, strict=True) if a != b] == ["benign-1"]


def test_a_broken_file_is_named_and_nothing_is_kept(root, tmp_path):
    (root / "benign" / "benign (1).png").write_text("not an image")
    with pytest.raises(ValueError, match=r"benign \(1\).png: not an image"):
        collect(SPEC, root=root, cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.csv"))
