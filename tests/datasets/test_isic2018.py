"""ISIC 2018's reader: parts as sources, pairs by name, and the publishers' text files passed over."""

import shutil

import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import isic2018
from ultraseg.samples import Faulty

FOLDERS = {
    "training": ("ISIC2018_Task1-2_Training_Input", "ISIC2018_Task1_Training_GroundTruth"),
    "validation": ("ISIC2018_Task1-2_Validation_Input", "ISIC2018_Task1_Validation_GroundTruth"),
    "test": ("ISIC2018_Task1-2_Test_Input", "ISIC2018_Task1_Test_GroundTruth"),
}
NAMES = {"training": ["ISIC_0000003", "ISIC_0000000"], "validation": ["ISIC_0012255"], "test": ["ISIC_0012169"]}


@pytest.fixture
def root(tmp_path):
    for part, (images, masks) in FOLDERS.items():
        for name in NAMES[part]:
            picture(tmp_path / images / f"{name}.jpg")
            picture(tmp_path / masks / f"{name}_segmentation.png", 255)
        for folder in (images, masks):
            for text in ("ATTRIBUTION.txt", "LICENSE.txt"):
                (tmp_path / folder / text).write_text("published among the images\n")
    return tmp_path


def read(root, **options):
    return isic2018(root, complete=False, **options)


def test_one_part_is_read_and_attribution_and_licence_are_passed_over(root):
    samples = read(root)
    assert [(s.id, s.label, s.group, s.source) for s in samples] == [
        ("ISIC_0000000", "lesion", "ISIC_0000000", "ISIC 2018 training"),
        ("ISIC_0000003", "lesion", "ISIC_0000003", "ISIC 2018 training"),
    ]
    images, masks = FOLDERS["training"]
    assert samples[0].image == root / images / "ISIC_0000000.jpg"
    assert samples[0].masks == (root / masks / "ISIC_0000000_segmentation.png",)
    image, mask = pixels.read(samples[0], 3)
    assert image.shape == (6, 8, 3) and mask.mean() == 0.5


def test_the_parts_are_sources_so_that_the_published_split_can_be_made(root):
    assert [(s.source, s.id) for s in read(root, part="all")] == [
        ("ISIC 2018 training", "ISIC_0000000"),
        ("ISIC 2018 training", "ISIC_0000003"),
        ("ISIC 2018 validation", "ISIC_0012255"),
        ("ISIC 2018 test", "ISIC_0012169"),
    ]
    assert [s.id for s in read(root, part="test")] == ["ISIC_0012169"]


def test_folders_within_folders_of_their_own_name(root):
    images, masks = FOLDERS["training"]
    shutil.move(root / images, root / "aside")
    (root / images).mkdir()
    shutil.move(root / "aside", root / images / images)
    assert [s.image.parent.parent.name for s in read(root)] == [images, images]


def test_the_published_counts_are_demanded(root):
    with pytest.raises(Faulty) as refused:
        isic2018(root, part="all")
    said = [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults]
    assert said == [
        "2594 pairs of ISIC 2018 training are published, found 2",
        "100 pairs of ISIC 2018 validation are published, found 1",
        "1000 pairs of ISIC 2018 test are published, found 1",
    ]


def test_everything_wrong_is_named_at_once(root):
    images, masks = (root / folder for folder in FOLDERS["training"])
    (images / "ISIC_0000003.jpg").unlink()
    picture(images / "ISIC_0000004.jpg")
    picture(images / "ISIC_5.jpg")
    picture(masks / "ISIC_0000006.png")
    (images / "ISIC_0000000_copy.png").write_bytes(b"x")
    (images / "ISIC_0000007.jpg").touch()
    with pytest.raises(Faulty) as refused:
        read(root)
    said = [fault.removeprefix(f"{root}/") for fault in refused.value.faults]
    assert said == [
        f"{images.name}/ISIC_0000000_copy.png: a file ending in .jpg is wanted here; move it away",
        f"{images.name}/ISIC_0000007.jpg: the file is empty; restore it from the source",
        f"{images.name}/ISIC_5.jpg: not a file of ISIC's, whose names here read 'ISIC_0000000.jpg'; move it away",
        f"{masks.name}/ISIC_0000006.png: not a file of ISIC's, whose names here read "
        "'ISIC_0000000_segmentation.png'; move it away",
        f"{images.name}/ISIC_0000004.jpg: its mask is missing; restore it or remove the image",
        f"{masks.name}/ISIC_0000003_segmentation.png: its image is missing; restore it or remove the mask",
    ]
    assert [s.id for s in refused.value.samples] == ["ISIC_0000000"]


def test_a_wrong_part_and_a_wrong_folder_are_refused(root, tmp_path_factory):
    with pytest.raises(ValueError, match="ISIC 2018: part must be among training, validation, test, all, got 'train'"):
        read(root, part="train")
    with pytest.raises(Faulty, match="ISIC2018_Task1-2_Training_Input: no such folder; complete the data set"):
        read(tmp_path_factory.mktemp("empty"))
    with pytest.raises(ValueError, match="none: no such folder"):
        read(root / "none")
