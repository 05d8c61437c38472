"""BUS-UCLM's reader: labels from the table, both colours of the masks, and the patient who cannot be read."""

from collections import Counter

import numpy as np
import pytest

from tests.datasets.sheets import picture
from ultraseg import pixels
from ultraseg.datasets import bus_uclm
from ultraseg.samples import Faulty

HEADER = "Image;Resolution;Label;Doppler;Marks;Combined"
FOUND = {"ALWI_000": "Benign", "ALWI_001": "Normal", "CHCO_000": "Malignant", "HESN_002": "Benign"}
COLOURS = {"Benign": (0, 255, 0), "Malignant": (0, 0, 255), "Normal": (0, 0, 0)}  # blue, green, red


def draw(root, found=FOUND):
    for name, label in found.items():
        picture(root / "images" / f"{name}.png", (90, 90, 90), mode="colour")
        picture(root / "masks" / f"{name}.png", COLOURS[label], mode="colour")
    table(root, found)
    return root


def table(root, found):
    lines = [f"{name}.png;856x606;{label};No;Yes;No" for name, label in found.items()]
    (root / "INFO.csv").write_text("\n".join([HEADER, *lines]) + "\n")


def test_patients_are_groups_and_the_unreadable_one_is_left_out(tmp_path):
    samples = bus_uclm(draw(tmp_path), complete=False)
    assert [(s.id, s.label, s.group, s.source) for s in samples] == [
        ("ALWI_000", "benign", "ALWI", "BUS-UCLM"),
        ("ALWI_001", "normal", "ALWI", "BUS-UCLM"),
        ("CHCO_000", "malignant", "CHCO", "BUS-UCLM"),
    ]
    assert [s.group for s in bus_uclm(tmp_path, without=[], complete=False)] == ["ALWI", "ALWI", "CHCO", "HESN"]


def test_green_and_red_are_lesion_and_black_is_none(tmp_path):
    benign, normal, malignant = (pixels.read(s, 1)[1] for s in bus_uclm(draw(tmp_path), complete=False))
    left = np.repeat([[1, 1, 1, 1, 0, 0, 0, 0]], 6, axis=0)
    assert (benign == left).all() and (malignant == left).all() and not normal.any()


def test_a_part_of_the_set_needs_no_patient_who_is_left_out(tmp_path):
    assert len(bus_uclm(draw(tmp_path, {"ALWI_000": "Benign"}), complete=False)) == 1


@pytest.mark.parametrize("below", ["BUS-UCLM", "BUS-UCLM Breast ultrasound lesion segmentation dataset/BUS-UCLM"])
def test_the_folder_below_the_one_that_is_named(tmp_path, below):
    draw(tmp_path / below)
    assert len(bus_uclm(str(tmp_path), complete=False)) == 3


def whole():
    """As many of each class and patients as are published: 37 patients with 18 images, HESN with 17."""
    labels = ["Benign"] * 174 + ["Malignant"] * 90 + ["Normal"] * 419
    patients = [f"PA{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(37)]
    names = [f"{patient}_{number:03d}" for patient in patients for number in range(18)]
    return dict(zip([*names, *(f"HESN_{n:03d}" for n in range(17))], labels, strict=True))


def test_the_published_counts(tmp_path):
    found = whole()
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        for name in found:
            (tmp_path / folder / f"{name}.png").write_bytes(b"never opened")
    table(tmp_path, found)
    everything = bus_uclm(tmp_path, without=[])
    assert Counter(sample.label for sample in everything) == {"benign": 174, "malignant": 90, "normal": 419}
    assert len(bus_uclm(tmp_path)) == 683 - 17
    with pytest.raises(ValueError, match="without names HASN; the patients are HESN, PAAA, PAAB"):
        bus_uclm(tmp_path, without=["HASN"])
    for folder in ("images", "masks"):
        (tmp_path / folder / "PAAA_000.png").unlink()
    del found["PAAA_000"]
    table(tmp_path, found)
    with pytest.raises(Faulty, match="174 benign images are published, found 173"):
        bus_uclm(tmp_path)


def test_everything_wrong_is_named_at_once(tmp_path):
    draw(tmp_path)
    (tmp_path / "masks" / "ALWI_001.png").unlink()
    picture(tmp_path / "images" / "alwi_002.png")
    table(tmp_path, {**FOUND, "CHCO_000": "Malign", "CHCO_009": "Normal"})
    with pytest.raises(Faulty) as refused:
        bus_uclm(tmp_path, complete=False)
    assert [fault.removeprefix(f"{tmp_path}/") for fault in refused.value.faults] == [
        "images/alwi_002.png: not a file of this data set, whose names read 'ALWI_000.png' here; move it away",
        "images/ALWI_001.png: its mask is missing; restore it or remove the image",
        "INFO.csv: the image 'ALWI_001.png' or its mask is missing; restore it",
        "INFO.csv: the image 'CHCO_009.png' or its mask is missing; restore it",
        "INFO.csv: CHCO_000 is 'malign' where benign or malignant or normal is wanted; mend the table",
    ]


def test_a_table_with_commas_is_not_the_published_one(tmp_path):
    draw(tmp_path)
    (tmp_path / "INFO.csv").write_text((tmp_path / "INFO.csv").read_text().replace(";", ","))
    with pytest.raises(Faulty, match="the column Image, Label is missing; there is: Image,Resolution,Label"):
        bus_uclm(tmp_path)
