"""Union: sets side by side, each below its reader's name; what is not there, and what cannot be one data set."""

from dataclasses import replace

import pytest

from tests.datasets.sheets import picture
from ultraseg import catalogue
from ultraseg.datasets import union
from ultraseg.samples import Faulty, place

SETS = [{"busi": {"complete": False}}, {"stu_hospital": {"complete": False}}]


def busi(root, names=("benign (1)", "malignant (1)", "normal (1)")):
    for name in names:
        picture(root / name.split()[0] / f"{name}.png", 99)
        picture(root / name.split()[0] / f"{name}_mask.png", 255)


def isic(root, part, number):
    picture(root / f"ISIC-2017_{part}_Data" / f"ISIC_{number:07}.jpg", 99)
    picture(root / f"ISIC-2017_{part}_Part1_GroundTruth" / f"ISIC_{number:07}_segmentation.png", 255)


def hospital(root):
    picture(root / "Hospital" / "Test_Image_1.png", 99)
    picture(root / "Hospital" / "mask_1.png", 255)


@pytest.fixture
def root(tmp_path):
    busi(tmp_path / "busi")
    hospital(tmp_path / "stu_hospital")
    return tmp_path


def test_sets_follow_one_another_and_keep_their_sources(root):
    samples = union(str(root), sets=SETS)
    assert [(s.id, s.source) for s in samples][:3] == [(f"{k}-1", "BUSI") for k in ("benign", "malignant", "normal")]
    assert {s.source for s in samples[3:]} == {"STU"} and len(samples) == 4
    assert samples[0].group == "busi benign-1" and samples[3].group.startswith("stu_hospital ")
    assert samples[0].image == root / "busi" / "benign" / "benign (1).png"


def test_parts_of_one_release_lie_in_one_folder(tmp_path):
    isic(tmp_path, "Training", 1)
    isic(tmp_path, "Validation", 2)
    parts = [{"isic2017": {"part": part, "complete": False}} for part in ("training", "validation")]
    samples = union(tmp_path, sets=parts)
    assert [(s.id, s.source) for s in samples] == [
        ("ISIC_0000001", "ISIC 2017 training"),
        ("ISIC_0000002", "ISIC 2017 validation"),
    ]


def test_a_set_without_a_folder_is_left_out_where_that_is_said(root):
    sets = [*SETS, "udiat", "bus_bra"]
    assert len(union(root, sets=sets, absent="leave out")) == 4
    with pytest.raises(ValueError, match="wanted here"):
        union(root, sets=sets)
    with pytest.raises(ValueError, match=r"none of the folders udiat, bus_bra is in .*; name the folder that holds"):
        union(root, sets=["udiat", "bus_bra"], absent="leave out")
    with pytest.raises(ValueError, match="absent must be 'refuse' or 'leave out', got 'skip'"):
        union(root, sets=SETS, absent="skip")


def test_the_faults_of_all_sets_are_named_at_once(root):
    (root / "busi" / "benign" / "benign (1)_mask.png").unlink()
    (root / "stu_hospital" / "Hospital" / "mask_1.png").unlink()
    with pytest.raises(Faulty) as found:
        union(root, sets=SETS)
    assert len(found.value.faults) >= 2
    assert all(any(name in fault for fault in found.value.faults) for name in ("benign (1)", "Test_Image_1"))
    assert {sample.source for sample in found.value.samples} == {"BUSI"}


def test_one_id_in_two_sets_is_refused(root):
    with pytest.raises(ValueError, match="are both called 'benign-1'; leave one set out"):
        union(root, sets=[SETS[0], SETS[0]])


def test_organs_do_not_mix_with_lesions(root, monkeypatch):
    plain = catalogue.bind

    def organs(room, spec):
        read = plain(room, spec)
        if "stu_hospital" not in spec:
            return read
        return lambda folder: [replace(s, structures=("stomach",), masks=s.masks[:1]) for s in read(folder)]

    monkeypatch.setattr(catalogue, "bind", organs)
    with pytest.raises(ValueError, match="BUSI outlines one lesion, STU stomach; sets of one kind are wanted"):
        union(root, sets=SETS)


def test_a_folder_of_the_readers_name_comes_first(root):
    assert place(root, "busi") == root / "busi"
    assert place(root / "busi", "busi") == root / "busi"
    assert place(root, "udiat") == root
