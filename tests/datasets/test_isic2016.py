"""ISIC 2016's reader: masks called `_Segmentation`, with a capital, and no validation part."""

import pytest

from tests.datasets.sheets import picture
from ultraseg.datasets import isic2016
from ultraseg.samples import Faulty

FOLDER = "ISBI2016_ISIC_Part1"


@pytest.fixture
def root(tmp_path):
    for part, name in (("Training", "ISIC_0000000"), ("Test", "ISIC_0000003")):
        picture(tmp_path / f"{FOLDER}_{part}_Data" / f"{name}.jpg")
        picture(tmp_path / f"{FOLDER}_{part}_GroundTruth" / f"{name}_Segmentation.png", 255)
    return tmp_path


def test_images_and_masks_pair_by_their_number(root):
    training, test = isic2016(root, part="all", complete=False)
    assert (training.id, training.source) == ("ISIC_0000000", "ISIC 2016 training")
    assert (test.id, test.source) == ("ISIC_0000003", "ISIC 2016 test")
    assert test.image == root / f"{FOLDER}_Test_Data" / "ISIC_0000003.jpg"
    assert test.masks == (root / f"{FOLDER}_Test_GroundTruth" / "ISIC_0000003_Segmentation.png",)
    assert isic2016(root, complete=False) == [training]


def test_the_published_counts_are_demanded(root):
    with pytest.raises(Faulty) as refused:
        isic2016(root, part="all")
    assert "900 pairs of ISIC 2016 training are published, found 1;" in refused.value.faults[0]
    assert "379 pairs of ISIC 2016 test are published, found 1;" in refused.value.faults[1]


def test_there_is_no_validation_part(root):
    with pytest.raises(ValueError, match="ISIC 2016: part must be among training, test, all, got 'validation'"):
        isic2016(root, part="validation")
