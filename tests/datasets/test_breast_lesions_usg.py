"""BrEaST's reader: labels, masks and pixel sizes from the workbook, and the table checked against the files."""

import pytest

from tests.datasets.sheets import picture, workbook
from ultraseg import pixels
from ultraseg.datasets import breast_lesions_usg
from ultraseg.samples import Faulty

TABLE = "BrEaST-Lesions-USG-clinical-data-Dec-15-2023"
FOLDER = "BrEaST-Lesions_USG-images_and_masks"
HEADER = [
    "CaseID",
    "Image_filename",
    "Mask_tumor_filename",
    "Mask_other_filename",
    "Pixel_size",
    "Age",
    "Classification",
]
ROWS = [
    [1, "case001.png", "case001_tumor.png", None, 0.007, 57, "benign"],
    [
        2,
        "case002.png",
        "case002_tumor.png",
        "case002_other1.png&case002_other2.png",
        0.0085,
        "not available",
        "malignant",
    ],
    [45, "case045.png", None, None, None, 40, "normal"],
]


def draw(root, folder=FOLDER, rows=ROWS):
    for name in ("case001", "case002", "case045"):
        picture(root / folder / f"{name}.png", (80, 80, 80, 255), mode="alpha")
    for name in ("case001_tumor", "case002_tumor", "case002_other1", "case002_other2"):
        picture(root / folder / f"{name}.png", (255, 255, 255, 255), mode="alpha")
    workbook(root / f"{TABLE}.xlsx", [HEADER, *rows])
    return root


def row(*, case=0, **changed):
    """One of the rows with cells changed."""
    return [changed.get(name, cell) for name, cell in zip(HEADER, ROWS[case], strict=True)]


def faults(root, *rows):
    """What is wrong with a folder whose table has these rows, without the folder's name."""
    with pytest.raises(Faulty) as refused:
        breast_lesions_usg(draw(root, rows=rows), complete=False)
    return [fault.removeprefix(f"{root}/").removeprefix(f"{FOLDER}/") for fault in refused.value.faults]


def test_the_published_layout(tmp_path):
    samples = breast_lesions_usg(draw(tmp_path), complete=False)
    assert [(s.id, s.label, s.group, s.source) for s in samples] == [
        ("case001", "benign", "case001", "BrEaST"),
        ("case002", "malignant", "case002", "BrEaST"),
        ("case045", "normal", "case045", "BrEaST"),
    ]
    folder = tmp_path / FOLDER
    # the other areas of case002 are not its tumour, and a normal scan has no mask
    assert [s.masks for s in samples] == [(folder / "case001_tumor.png",), (folder / "case002_tumor.png",), ()]
    assert samples[0].image == folder / "case001.png"
    assert [pixels.read(sample, 1)[1].mean() for sample in samples] == [0.5, 0.5, 0]


def test_pixel_sizes_are_millimetres(tmp_path):
    first, second, normal = breast_lesions_usg(draw(tmp_path), complete=False)
    assert first.pitch_mm == pytest.approx((0.07, 0.07))  # 0.007 cm
    assert second.pitch_mm == pytest.approx((0.085, 0.085))
    assert normal.pitch_mm is None


@pytest.mark.parametrize("folder", [".", f"{FOLDER}-Dec-15-2023", f"{FOLDER}-Dec-15-2023/{FOLDER}"])
def test_the_pictures_beside_the_table_or_as_the_archive_unpacks(tmp_path, folder):
    draw(tmp_path, folder)
    assert len(breast_lesions_usg(str(tmp_path), complete=False)) == 3


def test_a_table_that_was_exported_comes_first(tmp_path):
    draw(tmp_path, ".")
    lines = [HEADER, *([*line[:-1], "benign"] if line[2] else line for line in ROWS)]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in lines)
    (tmp_path / f"{TABLE}.csv").write_text(text)
    assert [s.label for s in breast_lesions_usg(tmp_path, complete=False)] == ["benign", "benign", "normal"]


def test_several_tumour_masks_are_all_read(tmp_path):
    picture(tmp_path / FOLDER / "case001_tumor2.png")
    rows = [row(Mask_tumor_filename="case001_tumor.png & case001_tumor2.png"), *ROWS[1:]]
    first, *_ = breast_lesions_usg(draw(tmp_path, rows=rows), complete=False)
    assert [path.name for path in first.masks] == ["case001_tumor.png", "case001_tumor2.png"]


def test_the_published_counts_are_demanded(tmp_path):
    with pytest.raises(Faulty) as refused:
        breast_lesions_usg(draw(tmp_path))
    assert [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults] == [
        "154 benign cases are published, found 1",
        "98 malignant cases are published, found 1",
        "4 normal cases are published, found 1",
    ]


def test_table_and_files_are_checked_against_each_other(tmp_path):
    draw(tmp_path)
    (tmp_path / FOLDER / "case001_tumor.png").unlink()
    (tmp_path / FOLDER / "case045.png").unlink()
    picture(tmp_path / FOLDER / "case003_other1.png")
    picture(tmp_path / FOLDER / "case003.png")
    picture(tmp_path / FOLDER / "case4.png")
    with pytest.raises(Faulty) as refused:
        breast_lesions_usg(tmp_path, complete=False)
    table = f"{TABLE}.xlsx: "
    assert [fault.removeprefix(f"{tmp_path}/").removeprefix(f"{FOLDER}/") for fault in refused.value.faults] == [
        "case4.png: not a file of this data set, whose names read 'case001.png' and 'case001_tumor.png'; move it away",
        f"{table}the image 'case045.png' or its mask is missing; restore it",
        f"{table}no line describes the image 'case003.png'; restore the table",
        "case001_tumor.png: the table names it, but it is missing; restore the file or the table",
        "case003_other1.png: the table does not name it; restore the file or the table",
    ]
    assert [sample.id for sample in refused.value.samples] == ["case002"]


@pytest.mark.parametrize(
    ("cell", "said"), [("0.07", "0.07"), ("0", "0"), ("wide", "wide"), ("nan", "nan"), ("-0.007", "-0.007")]
)
def test_a_pixel_size_that_cannot_be_one_is_named(tmp_path, cell, said):
    assert faults(tmp_path, row(Pixel_size=cell), *ROWS[1:]) == [
        f"{TABLE}.xlsx: the Pixel_size of case001.png is '{said}', which is no pixel in cm; mend the table"
    ]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"Classification": "normal"}, "normal, but its tumour's masks are case001_tumor.png; mend the table"),
        ({"case": 2, "Classification": "benign"}, "benign, but its tumour's masks are none; mend the table"),
    ],
)
def test_a_class_that_its_masks_contradict(tmp_path, changed, fault):
    rows = [row(**changed) if place == changed.get("case", 0) else ROWS[place] for place in range(3)]
    assert faults(tmp_path, *rows) == [f"{'case045' if 'case' in changed else 'case001'}.png: {fault}"]


def test_the_mask_of_another_case(tmp_path):
    rows = [row(Mask_tumor_filename="case002_tumor.png"), row(case=1, Mask_tumor_filename="case001_tumor.png"), ROWS[2]]
    assert faults(tmp_path, *rows) == [
        "case001.png: benign, but its tumour's masks are case002_tumor.png; mend the table",
        "case002.png: malignant, but its tumour's masks are case001_tumor.png; mend the table",
    ]


def test_another_class_is_named(tmp_path):
    assert faults(tmp_path, row(Classification="cyst"), *ROWS[1:]) == [
        f"{TABLE}.xlsx: case001.png is 'cyst' where benign or malignant or normal is wanted; mend the table"
    ]


def test_without_its_table_only_that_is_named(tmp_path):
    draw(tmp_path)
    (tmp_path / f"{TABLE}.xlsx").unlink()
    with pytest.raises(Faulty, match="clinical-data.*: no such table; complete the data set") as refused:
        breast_lesions_usg(tmp_path)
    assert len(refused.value.faults) == 1
