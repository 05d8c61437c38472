"""ISIC 2017's reader: superpixels and metadata among the images are passed over; the real pairs are all there."""

import os
from pathlib import Path

import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import isic2017
from ultraseg.samples import Faulty

IMAGES, MASKS = "ISIC-2017_Training_Data", "ISIC-2017_Training_Part1_GroundTruth"


@pytest.fixture
def root(tmp_path):
    for name in ("ISIC_0000000", "ISIC_0000001"):
        picture(tmp_path / IMAGES / f"{name}.jpg")
        picture(tmp_path / IMAGES / f"{name}_superpixels.png")
        picture(tmp_path / MASKS / f"{name}_segmentation.png", 255)
    (tmp_path / IMAGES / "ISIC-2017_Training_Data_metadata.csv").write_text("image_id,age_approximate,sex\n")
    picture(tmp_path / "ISIC-2017_Test_v2_Data" / "ISIC_0012086.jpg")
    picture(tmp_path / "ISIC-2017_Test_v2_Part1_GroundTruth" / "ISIC_0012086_segmentation.png", 255)
    return tmp_path


def test_superpixels_and_metadata_are_passed_over(root):
    samples = isic2017(root, complete=False)
    assert [(s.id, s.source) for s in samples] == [
        ("ISIC_0000000", "ISIC 2017 training"),
        ("ISIC_0000001", "ISIC 2017 training"),
    ]
    assert [s.id for s in isic2017(root, part="test", complete=False)] == ["ISIC_0012086"]


def test_they_are_passed_over_among_the_images_alone_and_by_their_names_alone(root):
    picture(root / MASKS / "ISIC_0000000_superpixels.png")
    (root / IMAGES / "metadata.csv").write_text("image_id\n")
    with pytest.raises(Faulty) as refused:
        isic2017(root, complete=False)
    assert [fault.partition(":")[0] for fault in refused.value.faults] == [
        str(root / IMAGES / "metadata.csv"),
        str(root / MASKS / "ISIC_0000000_superpixels.png"),
    ]


def test_the_published_counts_are_demanded(root):
    with pytest.raises(Faulty, match="2000 pairs of ISIC 2017 training are published, found 2;"):
        isic2017(root)
    with pytest.raises(Faulty, match="600 pairs of ISIC 2017 test are published, found 1;"):
        isic2017(root, part="test")


def test_the_real_pairs():
    if not (Path(os.environ.get("ULTRASEG_DATA", "none")) / "isic2017").is_dir():
        pytest.skip("wants the real ISIC 2017: set ULTRASEG_DATA to the folder that holds it")
    real = Path(os.environ["ULTRASEG_DATA"]) / "isic2017"
    training, validation = isic2017(real), isic2017(real, part="validation")
    assert (len(training), len(validation)) == (2000, 150)
    for sample in (training[0], training[-1], validation[0]):
        image, mask = pixels.read(sample, 3)
        assert image.shape == (256, 256, 3) and 0 < mask.mean() < 1
