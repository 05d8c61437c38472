"""STU-Hospital's reader: images and masks in one folder, and everything that is wrong named at once."""

import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import stu_hospital
from ultraseg.samples import Faulty


def draw(root, numbers=(1, 2, 10)):
    for number in numbers:
        picture(root / f"Test_Image_{number}.png")
        picture(root / f"mask_{number}.png", 255)
    return root


@pytest.mark.parametrize("below", [".", "Hospital", "STU-Hospital-master/Hospital"])
def test_the_published_layout(tmp_path, below):
    draw(tmp_path / below)
    samples = stu_hospital(str(tmp_path), complete=False)
    assert [(s.id, s.label, s.group, s.source) for s in samples] == [
        ("stu-1", "lesion", "stu-1", "STU"),
        ("stu-2", "lesion", "stu-2", "STU"),
        ("stu-10", "lesion", "stu-10", "STU"),
    ]
    folder = (tmp_path / below).resolve()
    assert (samples[2].image, samples[2].masks) == (folder / "Test_Image_10.png", (folder / "mask_10.png",))
    assert pixels.read(samples[0], 1)[1].mean() == 0.5


def test_the_published_count(tmp_path):
    draw(tmp_path, range(1, 42))
    with pytest.raises(Faulty, match="42 images are published, found 41"):
        stu_hospital(tmp_path)
    draw(tmp_path, [42])
    assert len(stu_hospital(tmp_path)) == 42


def test_everything_wrong_is_named_at_once(tmp_path):
    draw(tmp_path, [1, 2, 3])
    (tmp_path / "mask_1.png").unlink()
    (tmp_path / "Test_Image_2.png").unlink()
    picture(tmp_path / "Test_Image_03.png")
    (tmp_path / "mask_9.png").symlink_to("/etc/hostname")
    with pytest.raises(Faulty) as refused:
        stu_hospital(tmp_path, complete=False)
    assert [fault.removeprefix(f"{tmp_path}/")[:60] for fault in refused.value.faults] == [
        "mask_9.png: a link that leads out of the data set; put the f",
        "Test_Image_03.png: not a file of this data set, whose names ",
        "Test_Image_1.png: its mask is missing; restore it or remove ",
        "mask_2.png: its image is missing; restore it or remove the m",
    ]
    assert [sample.id for sample in refused.value.samples] == ["stu-3"]


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Test_Image_\* wanted here; found nothing"):
        stu_hospital(tmp_path)
