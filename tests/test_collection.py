"""Collections: what is read, which images belong together, what is kept, and that a changed file is noticed."""

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ultraseg import audit
from ultraseg.audit import Pair
from ultraseg.collection import collect, together
from ultraseg.samples import Faulty, Sample, fingerprint, write_manifest

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


@pytest.fixture
def read(root, tmp_path):
    """Collects the folder; what was kept of an earlier time is used."""
    return lambda **options: collect(SPEC, root=root, cache=tmp_path / "cache", **options)


@pytest.fixture
def paired(monkeypatch):
    """Stands in for the comparison of pictures: these pairs are found."""

    def find(*pairs):
        monkeypatch.setattr(audit, "duplicates", lambda images, names, **_: list(pairs))

    return find


@pytest.fixture
def listed(tmp_path):
    """Writes rows as BUSI's manifest in a folder of manifests."""

    def write(rows):
        write_manifest(tmp_path / "manifests" / "busi.csv", rows)
        return tmp_path / "manifests"

    return write


def by_id(collection):
    return {sample.id: sample for sample in collection.samples}


def test_samples_and_rows_say_what_the_pixels_told(read, root):
    found = read()
    mask = cv2.imread(str(root / "benign" / "benign (2)_mask.png"), cv2.IMREAD_UNCHANGED)
    sample, row = found.samples[1], found.rows[1]
    assert (sample.id, sample.group, sample.scan, sample.contradicted) == ("benign-2", "benign-2", "benign-2", "")
    assert sample.lesion == pytest.approx((mask > 0).mean(), abs=5e-7) and row.lesion == f"{sample.lesion:.6f}"
    assert (row.id, row.label, row.group, row.scan) == ("benign-2", "benign", "benign-2", "benign-2")
    assert found.fingerprint == fingerprint(found.rows) and found.source == "BUSI"


def test_copies_share_a_group_across_labels_and_contradict_each_other(read, root):
    shutil.copy(root / "benign" / "benign (2).png", root / "malignant" / "malignant (3).png")
    found = by_id(read())
    assert found["malignant-3"].group == found["benign-2"].group == "benign-2" == found["malignant-3"].scan
    assert len({sample.group for sample in found.values()}) == 8
    # the masks, of another image each, agree on half of their pixels
    marks = {name: sample.contradicted for name, sample in found.items() if sample.contradicted}
    assert marks == {"benign-2": "label mask", "malignant-3": "label mask"}


def test_copies_that_agree_do_not_contradict_each_other(read, root):
    for part in ("", "_mask"):
        shutil.copy(root / "benign" / f"benign (2){part}.png", root / "benign" / f"benign (3){part}.png")
    found = by_id(read())
    assert found["benign-3"].scan == "benign-2" and not any(sample.contradicted for sample in found.values())


def test_what_shows_one_scan_is_one_scan_and_what_follows_it_one_group(read, paired):
    # a - b - c are copies in a chain, and d is the next frame of c
    paired(
        Pair("benign-1", "malignant-2", "resized", 0.9),
        Pair("malignant-2", "normal-3", "cropped", 0.9),
        Pair("normal-2", "normal-3", audit.ADJACENT, 0.7),
    )
    found = by_id(read())
    together = [name for name, sample in found.items() if sample.group == "benign-1"]
    assert together == ["benign-1", "malignant-2", "normal-2", "normal-3"]
    scans = {name: found[name].scan for name in together}
    assert scans == {**dict.fromkeys(together, "benign-1"), "normal-2": "normal-2"}


def test_samples_that_shared_a_group_still_do():
    patients = [Sample(name, Path(name), (), "benign", group, "S") for name, group in zip("abcd", "ppqr", strict=True)]
    found = together(patients, [Pair("b", "c", "resized", 0.9)], known=[*[("", "", "")] * 3, ("", "", "label")])
    assert [(sample.scan, sample.group) for sample in found] == [("a", "p"), ("b", "p"), ("b", "p"), ("d", "r")]
    assert [sample.contradicted for sample in found] == ["", "", "", "label"]


def test_a_manifest_stands_for_the_comparison_of_the_images_that_it_names(read, listed, monkeypatch):
    monkeypatch.setattr(audit, "duplicates", lambda *_, **__: pytest.fail("compared what is known"))
    alone = [replace(row, scan="s", group="g", contradicted="mask") if row.id in ("benign-1", "normal-2") else row
             for row in _unpaired(read, monkeypatch).rows]  # fmt: skip
    found = by_id(read(manifests_in=listed(alone)))
    assert {name for name, sample in found.items() if sample.scan == sample.group == "benign-1"} == {
        *("benign-1", "normal-2")
    }
    assert {name for name, sample in found.items() if sample.contradicted == "mask"} == {"benign-1", "normal-2"}


def test_an_image_that_no_manifest_names_is_compared_with_all(read, listed, paired, monkeypatch):
    rows = [replace(row, scan="s", group="g") if row.id in ("benign-1", "normal-2") else row
            for row in _unpaired(read, monkeypatch).rows if row.id != "malignant-1"]  # fmt: skip
    paired(Pair("benign-2", "malignant-1", "resized", 0.9))
    found = by_id(read(manifests_in=listed(rows)))
    assert found["normal-2"].scan == "benign-1" and found["malignant-1"].scan == "benign-2"
    assert len({sample.scan for sample in found.values()}) == 7


def test_of_equal_images_each_keeps_the_mark_of_its_own_mask(read, root, listed, monkeypatch):
    shutil.copy(root / "benign" / "benign (2).png", root / "malignant" / "malignant (3).png")
    marked = [replace(row, contradicted="mask" if row.id == "benign-2" else "") for row in read().rows]
    for rows in (marked, marked[::-1]):
        found = by_id(read(manifests_in=listed(rows)))
        assert [name for name, sample in found.items() if sample.contradicted] == ["benign-2"]


def test_a_name_that_a_manifest_gives_to_another_image_means_nothing(read, root, listed, monkeypatch):
    rows = _unpaired(read, monkeypatch).rows
    for part in ("", "_mask"):
        for number, other in (("1", "4"), ("2", "1"), ("4", "2")):  # the first two change places
            (root / "benign" / f"benign ({number}){part}.png").rename(root / "benign" / f"benign ({other}){part}.png")
    assert len({sample.group for sample in read(manifests_in=listed(rows)).samples}) == 9


def _unpaired(read, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(audit, "duplicates", lambda images, names, **_: [])
        return read(manifests_in=None)


def test_kept_manifest_gives_the_same_collection(read, monkeypatch):
    first = read()
    monkeypatch.setattr("ultraseg.pixels.read", lambda *_: pytest.fail("read again"))
    assert read() == first


def test_the_order_of_a_manifest_changes_nothing(read, listed, tmp_path, monkeypatch):
    rows = _unpaired(read, monkeypatch).rows
    kept = tmp_path / "cache" / "manifests"
    first = read(manifests_in=listed(rows))
    names = sorted(path.name for path in kept.iterdir())
    assert read(manifests_in=listed(rows[::-1])) == first
    assert sorted(path.name for path in kept.iterdir()) == names


def test_fingerprint_does_not_depend_on_the_place(root, tmp_path):
    moved = shutil.copytree(root, tmp_path / "moved")
    here, there = (collect(SPEC, root=place, cache=tmp_path / "cache") for place in (root, moved))
    assert here.fingerprint == there.fingerprint


def test_a_changed_mask_changes_the_fingerprint(read, root):
    before = read()
    cv2.imwrite(str(root / "benign" / "benign (1)_mask.png"), np.zeros((20, 30), np.uint8))
    after = read()
    assert after.fingerprint != before.fingerprint
    assert [a.id for a, b in zip(before.rows, after.rows, strict=True) if a != b] == ["benign-1"]
    assert after.samples[0].lesion == 0


def test_all_broken_files_are_named_at_once_and_nothing_is_kept(read, root, tmp_path):
    (root / "benign" / "benign (1).png").write_text("not an image")
    whole = (root / "malignant" / "malignant (2)_mask.png").read_bytes()
    (root / "malignant" / "malignant (2)_mask.png").write_bytes(whole[:-30])
    cv2.imwrite(str(root / "normal" / "normal (3)_mask.png"), np.zeros((9, 9), np.uint8))
    with pytest.raises(Faulty) as refused:
        read()
    for fault, words in zip(
        refused.value.faults,
        ("benign (1).png: not an image", "malignant (2)_mask.png: the image is cut short", "the mask is 9x9 pixels"),
        strict=True,
    ):
        assert words in fault and fault in str(refused.value)
    left = {"benign-2", "benign-3", "malignant-1", "malignant-3", "normal-1", "normal-2"}
    assert {sample.id for sample in refused.value.samples} == left
    assert not list((tmp_path / "cache").rglob("*.csv"))


def test_drawn_phantoms_are_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "duplicates", lambda *_, **__: pytest.fail("compared what was drawn"))
    spec = {"phantom": {"images": 6, "size": [32, 32]}}
    found = collect(spec, root=tmp_path / "phantoms", cache=tmp_path / "cache")
    assert len({sample.scan for sample in found.samples}) == len({sample.group for sample in found.samples}) == 6
