"""Workbooks: cells where they stand, every way to store a text, and nothing unpacked that is too large."""

import zipfile

import pytest

from tests.datasets.sheets import MAIN, pack, parts, workbook
from ultraseg.datasets import _workbook
from ultraseg.datasets._workbook import _number, lines


def test_cells_stand_where_they_say(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(
        path, [["Image", "Type", None, "Size"], [1, "Benign", "beside", 0.007], [None, None], [2, None, None, 3, 4]]
    )
    assert lines(path) == [
        (1, ["Image", "Type", "", "Size"]),
        (2, ["1", "Benign", "beside", "0.007"]),
        (4, ["2", "", "", "3"]),  # the third row is empty, the fifth column has no name
    ]


def test_a_text_in_the_cell_in_runs_and_with_its_reading(tmp_path):
    files = parts([["a"]])
    files["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}"><si><r><t>mal</t></r><r><t xml:space="preserve">ignant </t></r>'
        "<rPh sb='0' eb='1'><t>read so</t></rPh></si></sst>"
    )
    files["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>in line</t></is></c>'
        '<c t="str"><f>A1</f><v>saved</v></c></row></sheetData></worksheet>'
    )
    pack(tmp_path / "a.xlsx", files)
    assert lines(tmp_path / "a.xlsx") == [(1, ["malignant", "in line", "saved"])]


def test_a_sheet_named_from_the_archives_root(tmp_path):
    pack(tmp_path / "a.xlsx", parts([["a"]], target="/xl/worksheets/sheet1.xml"))
    assert lines(tmp_path / "a.xlsx") == [(1, ["a"])]


def test_a_workbook_of_numbers_has_no_shared_texts(tmp_path):
    files = parts([[1, 2.5]])
    del files["xl/sharedStrings.xml"]
    pack(tmp_path / "a.xlsx", files)
    assert lines(tmp_path / "a.xlsx") == [(1, ["1", "2.5"])]


def test_an_empty_sheet(tmp_path):
    workbook(tmp_path / "a.xlsx", [])
    assert lines(tmp_path / "a.xlsx") == []


def test_columns_count_on_from_z():
    assert [_number(letters) for letters in ("A", "Z", "AA", "AZ", "BA", "XFD")] == [0, 25, 26, 51, 52, 16383]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet", "unclosed token"),
        ("xl/worksheets/sheet1.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        ("xl/worksheets/sheet1.xml", None, "There is no item named"),
        ("xl/workbook.xml", f'<workbook xmlns="{MAIN}"/>', "list index out of range"),
        ("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"/>', "list index out of range"),
    ],
)
def test_a_damaged_workbook_is_refused(tmp_path, name, text, message):
    files = parts([["a"]])
    files[name] = text
    pack(tmp_path / "a.xlsx", {part: text for part, text in files.items() if text is not None})
    with pytest.raises(ValueError, match=f"not an Excel workbook that can be read .*{message}"):
        lines(tmp_path / "a.xlsx")


def test_no_archive_at_all_and_half_of_one(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_text("Image,Type\n")
    with pytest.raises(ValueError, match="not an Excel workbook"):
        lines(path)
    workbook(path, [["a"] * 9])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="not an Excel workbook"):
        lines(path)


def test_damaged_bytes_within_the_archive(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, [[f"text {number}"] for number in range(50)])
    with zipfile.ZipFile(path) as book:
        start = book.getinfo("xl/sharedStrings.xml").header_offset + 30 + len("xl/sharedStrings.xml")
    data = bytearray(path.read_bytes())
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not an Excel workbook"):
        lines(path)


def test_a_part_that_unpacks_too_large_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(_workbook, "LARGEST", 2**20)
    files = parts([["a"]])
    files["xl/sharedStrings.xml"] = " " * (2**20 + 1)
    pack(tmp_path / "a.xlsx", files)
    assert (tmp_path / "a.xlsx").stat().st_size < 10_000
    with pytest.raises(ValueError, match=r"sharedStrings\.xml unpacks to more than 1 MiB"):
        lines(tmp_path / "a.xlsx")
