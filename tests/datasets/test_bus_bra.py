"""BUS-BRA's reader: the published layout, patients as groups, and everything that is wrong named at once."""

import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import bus_bra
from ultraseg.samples import Faulty

HEADER = "ID,Case,Histology,Pathology,BIRADS,Device,Width,Height,Side,BBOX"
LINES = [
    'bus_0001-l,1,invasive ductal carcinoma,malignant,4,GE Logiq 7 @10-14MHz,274,353,left,"[91,24,103,79]"',
    'bus_0001-r,1,invasive ductal carcinoma,malignant,4,GE Logiq 7 @10-14MHz,275,353,right,"[102,24,82,79]"',
    'bus_0006-s,6,fibroadenoma,benign,3,Toshiba Aplio 300 @12-14 MHz,407,389,single,"[135,108,211,204]"',
]


@pytest.fixture
def root(tmp_path):
    for name in ("0001-l", "0001-r", "0006-s"):
        picture(tmp_path / "Images" / f"bus_{name}.png")
        picture(tmp_path / "Masks" / f"mask_{name}.png", 255)
    for name in ("5-fold-cv.csv", "LICENSE.txt"):
        (tmp_path / name).write_text("published beside the table\n")
    (tmp_path / "bus_data.csv").write_text("\n".join([HEADER, *LINES]) + "\n")
    return tmp_path


def test_views_of_one_patient_are_one_group(root):
    samples = bus_bra(root, complete=False)
    assert [(s.id, s.label, s.group, s.source, s.pitch_mm) for s in samples] == [
        ("bus_0001-l", "malignant", "case-1", "BUS-BRA", None),
        ("bus_0001-r", "malignant", "case-1", "BUS-BRA", None),
        ("bus_0006-s", "benign", "case-6", "BUS-BRA", None),
    ]
    assert (samples[0].image, samples[0].masks) == (
        root / "Images" / "bus_0001-l.png",
        (root / "Masks" / "mask_0001-l.png",),
    )
    image, mask = pixels.read(samples[0], 1)
    assert image.shape == (6, 8, 1) and mask.mean() == 0.5


def test_the_folder_below_the_one_that_is_named(root, tmp_path_factory):
    above = tmp_path_factory.mktemp("above")
    root.rename(above / "BUSBRA")
    assert len(bus_bra(str(above), complete=False)) == 3


def test_the_published_counts_are_demanded(root):
    with pytest.raises(Faulty) as refused:
        bus_bra(root)
    said = [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults]
    assert said == [
        "1268 benign images are published, found 1",
        "607 malignant images are published, found 2",
        "1064 patients are published, found 2",
    ]
    assert len(refused.value.samples) == 3


def test_everything_wrong_is_named_at_once(root):
    (root / "Masks" / "mask_0006-s.png").unlink()
    picture(root / "Masks" / "mask_0009-s.png")
    picture(root / "Images" / "bus_0001-x.png")
    (root / "Images" / "notes.txt").write_text("mine")
    again = LINES[0].replace("malignant", "benign")
    (root / "bus_data.csv").write_text(
        "\n".join([HEADER, LINES[0], LINES[1].replace("malignant", "unknown"), again, LINES[2], "cut,short"])
    )
    with pytest.raises(Faulty) as refused:
        bus_bra(root, complete=False)
    table, faults = f"{root / 'bus_data.csv'}: ", refused.value.faults
    assert [fault.removeprefix(f"{root}/").removeprefix(table) for fault in faults] == [
        "Images/notes.txt: a file ending in .png is wanted here; move it away",
        "Images/bus_0001-x.png: not a file of this data set, whose names read 'bus_0001-l.png' here; move it away",
        "bus_data.csv: line 6 has 2 values where 10 are named; mend it",
        "Images/bus_0006-s.png: its mask is missing; restore it or remove the image",
        "Masks/mask_0009-s.png: its image is missing; restore it or remove the mask",
        "bus_data.csv: 'bus_0001-l' stands there twice; keep one of the two lines",
        "bus_data.csv: the image 'bus_0006-s' or its mask is missing; restore it",
        "bus_data.csv: bus_0001-r is 'unknown' where benign or malignant is wanted; mend the table",
    ]
    assert [(s.id, s.label) for s in refused.value.samples] == [("bus_0001-l", "malignant")]  # its first line


def test_an_image_that_the_table_leaves_out(root):
    (root / "bus_data.csv").write_text("\n".join([HEADER, *LINES[:2]]))
    with pytest.raises(Faulty, match="no line describes the image '0006-s'; restore the table"):
        bus_bra(root, complete=False)


def test_without_its_table_only_that_is_named(root):
    (root / "bus_data.csv").write_text(HEADER.replace("Pathology", "Diagnosis") + "\n")
    with pytest.raises(Faulty) as refused:
        bus_bra(root)
    assert [fault.partition(": ")[2][:32] for fault in refused.value.faults] == ["the column Pathology is missing;"]


def test_another_folder_is_refused_with_what_it_holds(tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(ValueError, match="Images, Masks wanted here; found images"):
        bus_bra(tmp_path)
    with pytest.raises(ValueError, match="none: no such folder; name the one that holds Images, Masks"):
        bus_bra(tmp_path / "none")
