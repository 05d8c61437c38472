"""The lungs' reader: two hospitals, two layouts, left and right lung united, and Shenzhen's images without a mask."""

import os
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import cxr_lungs
from ultraseg.samples import Faulty


@pytest.fixture
def copy(tmp_path):
    """The copy of both in one folder, with an image of Shenzhen that has no mask."""
    root = tmp_path / "Lung Segmentation"
    for name in ("MCUCXR_0001_0", "MCUCXR_0104_1"):
        picture(root / "CXR_png" / f"{name}.png")
        picture(root / "masks" / f"{name}.png", 255)
    for name in ("CHNCXR_0001_0", "CHNCXR_0330_1"):
        picture(root / "CXR_png" / f"{name}.png")
        picture(root / "masks" / f"{name}_mask.png", 255)
    picture(root / "CXR_png" / "CHNCXR_0025_0.png")
    picture(root / "test" / "CHNCXR_0025_0.png")
    (root / "CXR_png" / "Thumbs.db").write_bytes(b"x")
    return root


@pytest.fixture
def releases(tmp_path):
    """The original releases, Montgomery's with a mask for each lung."""
    root = tmp_path / "original"
    left = np.zeros((6, 8), np.uint8)
    left[2:4, 5:7] = 255
    for part, mask in (("leftMask", left), ("rightMask", left[:, ::-1])):
        folder = root / "MontgomerySet" / "ManualMask" / part
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / "MCUCXR_0001_0.png"), mask, [cv2.IMWRITE_PNG_BILEVEL, 1])
    picture(root / "MontgomerySet" / "CXR_png" / "MCUCXR_0001_0.png")
    picture(root / "ChinaSet_AllFiles" / "CXR_png" / "CHNCXR_0330_1.png")
    picture(root / "mask" / "mask" / "CHNCXR_0330_1_mask.png", 255)
    return root


def read(root, **options):
    return cxr_lungs(root, complete=False, **options)


def test_hospitals_are_sources_and_findings_are_labels(copy):
    samples = read(copy)
    assert [(s.id, s.source, s.label) for s in samples] == [
        ("MCUCXR_0001_0", "Montgomery", "normal"),
        ("MCUCXR_0104_1", "Montgomery", "tuberculosis"),
        ("CHNCXR_0001_0", "Shenzhen", "normal"),
        ("CHNCXR_0330_1", "Shenzhen", "tuberculosis"),
    ]
    assert all(s.group == s.id and s.image == copy / "CXR_png" / f"{s.id}.png" for s in samples)
    assert samples[0].masks == (copy / "masks" / "MCUCXR_0001_0.png",)
    assert samples[2].masks == (copy / "masks" / "CHNCXR_0001_0_mask.png",)


def test_one_hospital_alone(copy):
    assert {s.source for s in read(copy, hospital="montgomery")} == {"Montgomery"}
    assert {s.source for s in read(copy, hospital="shenzhen")} == {"Shenzhen"}
    with pytest.raises(ValueError, match="hospital must be among all, montgomery, shenzhen, got 'Montgomery'"):
        read(copy, hospital="Montgomery")


def test_left_and_right_lung_are_united(releases):
    montgomery, shenzhen = read(releases)
    folder = releases / "MontgomerySet" / "ManualMask"
    assert montgomery.masks == (folder / "leftMask" / "MCUCXR_0001_0.png", folder / "rightMask" / "MCUCXR_0001_0.png")
    image, mask = pixels.read(montgomery, 1)
    # rows 2 and 3; columns 5 and 6 of the left lung, and 8 - 1 - 5 = 2 and 1 of the right
    assert image.shape == (6, 8, 1)
    assert sorted(map(tuple, np.argwhere(mask))) == [(row, column) for row in (2, 3) for column in (1, 2, 5, 6)]
    assert shenzhen.masks == (releases / "mask" / "mask" / "CHNCXR_0330_1_mask.png",)


@pytest.mark.parametrize("above", [0, 1, 2])
def test_the_folders_may_lie_below_the_one_that_is_named(copy, above):
    deeper = copy.parent / "data"
    deeper.mkdir()
    copy = copy.rename(deeper / copy.name)
    assert len(read([copy, deeper, deeper.parent][above])) == 4


def test_a_release_alone(releases):
    assert [s.id for s in read(releases / "MontgomerySet")] == ["MCUCXR_0001_0"]


def test_the_published_counts_are_demanded(copy):
    with pytest.raises(Faulty) as refused:
        cxr_lungs(copy)
    said = [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults]
    assert said == [
        "80 normal images of Montgomery with masks are published, found 1",
        "58 tuberculosis images of Montgomery with masks are published, found 1",
        "279 normal images of Shenzhen with masks are published, found 1",
        "287 tuberculosis images of Shenzhen with masks are published, found 1",
    ]
    with pytest.raises(Faulty) as refused:
        cxr_lungs(copy, hospital="montgomery")
    assert len(refused.value.faults) == 2


def test_everything_wrong_is_named_at_once(copy):
    (copy / "masks" / "MCUCXR_0104_1.png").unlink()
    (copy / "CXR_png" / "CHNCXR_0001_0.png").unlink()
    picture(copy / "masks" / "MCUCXR_0009_0_mask.png")
    picture(copy / "CXR_png" / "lungs.png")
    picture(copy / "CXR_png" / "MCUCXR_0002_0.png")
    picture(copy / "ManualMask" / "leftMask" / "MCUCXR_0002_0.png", 255)
    picture(copy / "ManualMask" / "rightMask" / "MCUCXR_0001_0.png", 255)
    with pytest.raises(Faulty) as refused:
        read(copy)
    said = [fault.removeprefix(f"{copy}/").partition(", whose")[0] for fault in refused.value.faults]
    assert said == [
        "CXR_png/lungs.png: not a file of these sets",
        "masks/MCUCXR_0009_0_mask.png: not a file of these sets",
        f"masks/MCUCXR_0001_0.png: there is a {copy}/ManualMask/rightMask/MCUCXR_0001_0.png too; remove one of them",
        "ManualMask/leftMask/MCUCXR_0002_0.png: the mask of the other lung is missing; restore it",
        "CXR_png/MCUCXR_0104_1.png: its mask is missing; restore it or remove the image",
        "masks/CHNCXR_0001_0_mask.png: its image 'CHNCXR_0001_0.png' is missing; restore it or remove the mask",
    ]
    assert [s.id for s in refused.value.samples] == ["CHNCXR_0330_1"]


def test_an_image_in_two_places(copy, releases):
    with pytest.raises(Faulty) as refused:
        read(copy.parent)
    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        str(folder)
        for folder in (
            releases / "MontgomerySet" / "CXR_png" / "MCUCXR_0001_0.png",
            releases / "ChinaSet_AllFiles" / "CXR_png" / "CHNCXR_0330_1.png",
        )
    ]


def test_a_folder_without_images_and_masks(tmp_path):
    with pytest.raises(Faulty) as refused:
        read(tmp_path)
    assert [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults] == [
        "there is no folder CXR_png",
        "there is no folder masks or mask or ManualMask/leftMask or ManualMask/rightMask",
    ]


def test_the_real_lungs():
    if not (Path(os.environ.get("ULTRASEG_DATA", "none")) / "cxr_lungs").is_dir():
        pytest.skip("wants the real lungs: set ULTRASEG_DATA to the folder that holds them")
    samples = cxr_lungs(Path(os.environ["ULTRASEG_DATA"]) / "cxr_lungs")
    assert Counter(s.source for s in samples) == {"Montgomery": 138, "Shenzhen": 566}
    for sample in (samples[0], samples[-1]):
        _, mask = pixels.read(sample, 1)
        assert mask.shape == (256, 256) and 0.1 < mask.mean() < 0.6
