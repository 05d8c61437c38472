"""UDIAT's reader: the published layout, numbers however they are written, and both counts that are in use."""

import pytest

from tests.datasets.sheets import picture, workbook
from ultraseg import pixels
from ultraseg.datasets import udiat
from ultraseg.samples import Faulty

ROWS = [["Image", "Type", "Diagnosis", None], [1, "Benign", "CYST"], [2, "Malignant", "IDC"], [10, "Benign ", "FA"]]


def draw(root, names=("000001", "000002", "000010"), rows=ROWS):
    for folder, value in (("original", 99), ("GT", 255)):
        for name in names:
            picture(root / folder / f"{name}.png", value)
    workbook(root / "DatasetB.xlsx", rows)
    return root


def test_the_published_layout(tmp_path):
    samples = udiat(draw(tmp_path), complete=False)
    assert [(s.id, s.label, s.group, s.source) for s in samples] == [
        ("udiat-000001", "benign", "udiat-000001", "UDIAT"),
        ("udiat-000002", "malignant", "udiat-000002", "UDIAT"),
        ("udiat-000010", "benign", "udiat-000010", "UDIAT"),
    ]
    assert (samples[2].image, samples[2].masks) == (
        tmp_path / "original" / "000010.png",
        (tmp_path / "GT" / "000010.png",),
    )
    assert pixels.read(samples[0], 1)[1].mean() == 0.5


@pytest.mark.parametrize("numbers", [(1, 2, 10), ("000001", "000002", "000010"), ("1.0", "2", "000010.png")])
@pytest.mark.parametrize("names", [("000001", "000002", "000010"), ("1", "2", "10")])
def test_a_number_is_one_however_it_is_written(tmp_path, names, numbers):
    rows = [ROWS[0], *([number, *row[1:]] for number, row in zip(numbers, ROWS[1:], strict=True))]
    samples = udiat(draw(tmp_path, names, rows), complete=False)
    assert [sample.id for sample in samples] == ["udiat-000001", "udiat-000002", "udiat-000010"]


@pytest.mark.parametrize("below", ["BUS", "Dataset_B", "Dataset B/BUS"])
def test_the_folder_below_the_one_that_is_named(tmp_path, below):
    draw(tmp_path / below)
    assert len(udiat(str(tmp_path), complete=False)) == 3


def test_a_table_that_was_exported_comes_first(tmp_path):
    draw(tmp_path)
    (tmp_path / "DatasetB.csv").write_text("Image,Type\n1,Malignant\n2,Malignant\n10,Malignant\n", encoding="utf-8-sig")
    assert {sample.label for sample in udiat(tmp_path, complete=False)} == {"malignant"}


@pytest.mark.parametrize(
    ("benign", "refused"), [(110, ""), (109, ""), (108, "110 benign images are published, found 108")]
)
def test_the_papers_count_and_the_tables(tmp_path, benign, refused):
    numbers = range(1, 164)
    rows = [ROWS[0], *([n, "Benign" if n <= benign else "Malignant", ""] for n in numbers)]
    draw(tmp_path, [f"{n:06d}" for n in numbers], rows)
    if not refused:
        assert len(udiat(tmp_path)) == 163
        return
    with pytest.raises(Faulty, match=refused) as raised:
        udiat(tmp_path)
    assert len(raised.value.faults) == 2  # and 53 malignant images, found 55


def test_everything_wrong_is_named_at_once(tmp_path):
    draw(tmp_path, rows=[*ROWS[:2], [2, "Probably", ""], [11, "Benign", ""], [None, "Benign", ""]])
    picture(tmp_path / "original" / "10.png")
    (tmp_path / "GT" / "000001.png").write_bytes(b"")
    (tmp_path / "original" / "case 7.png").write_text("mine")
    with pytest.raises(Faulty) as refused:
        udiat(tmp_path, complete=False)
    assert [fault.removeprefix(f"{tmp_path}/") for fault in refused.value.faults] == [
        "original/10.png: the same number as '000010.png'; keep one of the two",
        "original/case 7.png: not a file of this data set, whose names read '000001.png' here; move it away",
        "GT/000001.png: the file is empty; restore it from the source",
        "original/000001.png: its mask is missing; restore it or remove the image",
        "DatasetB.xlsx: the image '1' or its mask is missing; restore it",
        "DatasetB.xlsx: the image '11' or its mask is missing; restore it",
        "DatasetB.xlsx: the image '' or its mask is missing; restore it",
        "DatasetB.xlsx: no line describes the image '000010'; restore the table",
        "DatasetB.xlsx: image 000002 is 'probably' where benign or malignant is wanted; mend the table",
    ]


def test_a_table_that_is_missing_or_no_workbook(tmp_path):
    draw(tmp_path)
    (tmp_path / "DatasetB.xlsx").write_text("Image,Type")
    with pytest.raises(Faulty, match=r"DatasetB\.xlsx: not a table .* write it again as CSV") as refused:
        udiat(tmp_path)
    assert len(refused.value.faults) == 1
    (tmp_path / "DatasetB.xlsx").unlink()
    with pytest.raises(Faulty, match=r"DatasetB\.xlsx: no such table; complete the data set"):
        udiat(tmp_path)
