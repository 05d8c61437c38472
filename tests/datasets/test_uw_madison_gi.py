"""UW-Madison's reader: width before height in a name, runs along the rows, cases as groups, faults named at once."""

import cv2
import numpy as np
import pytest

from ultraseg import pixels
from ultraseg.datasets import uw_madison_gi
from ultraseg.samples import Faulty, Runs

SLICES = {
    "case123_day20_slice_0001": "case123/case123_day20/scans/slice_0001_6_4_1.50_1.63.png",
    "case123_day20_slice_0002": "case123/case123_day20/scans/slice_0002_6_4_1.50_1.63.png",
    "case7_day0_slice_0001": "case7/case7_day0/scans/slice_0001_4_4_1.63_1.63.png",
}
RUNS = {
    ("case123_day20_slice_0001", "stomach"): "1 2 7 1",
    ("case123_day20_slice_0001", "large_bowel"): "24 1",
    ("case7_day0_slice_0001", "small_bowel"): "5 4",
}
CLASSES = ("large_bowel", "small_bowel", "stomach")


@pytest.fixture
def root(tmp_path):
    for path in SLICES.values():
        draw(tmp_path / "train" / path)
    write(tmp_path, [f"{name},{organ},{RUNS.get((name, organ), '')}" for name in SLICES for organ in CLASSES])
    return tmp_path


def draw(path):
    width, height = map(int, path.name.split("_")[2:4])
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.arange(height * width, dtype=np.uint16).reshape(height, width)
    cv2.imwrite(str(path), 1000 + 100 * ramp)


def write(root, lines):
    (root / "train.csv").write_text("\n".join(["id,class,segmentation", *lines]) + "\n")


def lines(root):
    return (root / "train.csv").read_text().splitlines()[1:]


def read(root, **options):
    return uw_madison_gi(root, complete=False, **options)


def test_names_say_width_before_height_and_the_case_is_the_group(root):
    first, second, other = read(root)
    assert [(s.id, s.group, s.label) for s in (first, second, other)] == [
        ("case123_day20_slice_0001", "case123", "two organs"),
        ("case123_day20_slice_0002", "case123", "no organ"),
        ("case7_day0_slice_0001", "case7", "one organ"),
    ]
    assert first.pitch_mm == (1.63, 1.5) and other.pitch_mm == (1.63, 1.63)
    assert first.structures == CLASSES and first.source == "UW-Madison GI Tract"
    assert first.masks == (
        Runs(root / "train.csv", 2, "24 1", (4, 6)),
        None,
        Runs(root / "train.csv", 4, "1 2 7 1", (4, 6)),
    )
    assert second.masks == (None, None, None)


def test_masks_are_runs_along_the_rows_counted_from_one(root):
    image, mask = pixels.read(read(root)[0], 1)
    # 24 values from 1000 to 3300 stretched to 0 to 255: the second is 100 / 2300 * 255 = 11.09
    assert image.shape == (4, 6, 1) and (image[0, 0, 0], image[0, 1, 0], image[-1, -1, 0]) == (0, 11, 255)
    assert mask.shape == (4, 6, 3)
    # six pixels a row: 1 and 2 open the first, 7 the second, and 24 is the last of the fourth
    assert np.argwhere(mask[..., 2]).tolist() == [[0, 0], [0, 1], [1, 0]]
    assert np.argwhere(mask[..., 0]).tolist() == [[3, 5]]
    assert not mask[..., 1].any()


def test_runs_counted_from_zero_are_refused_with_their_line(root):
    write(root, [line.replace("1 2 7 1", "0 2 6 1") for line in lines(root)])
    with pytest.raises(ValueError, match=r"train\.csv, line 4: the run 0 2 leaves .* counted from 1"):
        pixels.read(read(root)[0], 1)


def test_days_can_be_left_out(root):
    assert [s.id for s in read(root, drop=["case123_day20"])] == ["case7_day0_slice_0001"]
    with pytest.raises(ValueError, match="uw_madison_gi: drop takes days such as case7_day0, got 'case7'"):
        read(root, drop=["case7"])
    with pytest.raises(Faulty, match="the day 'case7_day1' that is to be left out is not there"):
        read(root, drop=["case7_day1"])


def test_the_published_counts_are_demanded_before_days_are_left_out(root):
    with pytest.raises(Faulty) as refused:
        uw_madison_gi(root, drop=["case7_day0"])
    said = [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults]
    assert said == ["38496 slices are published, found 3", "85 cases are published, found 2"]
    assert len(refused.value.samples) == 2


def test_lines_of_a_day_without_a_folder_belong_to_a_partial_copy(root):
    write(root, [*lines(root), *(f"case9_day3_slice_0001,{organ}," for organ in CLASSES)])
    assert len(read(root)) == 3
    with pytest.raises(Faulty, match="train: 3 lines of the table are of case9_day3, which has no slice; complete it"):
        uw_madison_gi(root)


def test_the_folder_below_the_one_that_is_named(root, tmp_path_factory):
    above = tmp_path_factory.mktemp("above")
    root.rename(above / "uw-madison-gi-tract-image-segmentation")
    assert len(read(above)) == 3
    with pytest.raises(ValueError, match=r"train\.csv, train wanted here; found nothing"):
        read(tmp_path_factory.mktemp("empty"))


def test_everything_wrong_is_named_at_once(root):
    scans = root / "train" / "case123" / "case123_day20" / "scans"
    (scans / "slice_0002_6_4_1.50_1.63.png").unlink()
    for name in ("slice_0003_6_4_1.50_1.63.png", "slice_0001_4_6_1.63_1.50.png"):
        draw(scans / name)
    (scans / "slice_4.png").write_bytes(b"x")
    draw(root / "train" / "case8" / "case7_day0" / "scans" / "slice_0001_4_4_1.63_1.63.png")
    more = ["case7_day0_slice_0001,stomach,1 1", "case7_day0_slice_0001,liver,", "7,stomach,", "8,stomach"]
    write(root, [line for line in lines(root) if not line.startswith("case7_day0_slice_0001,small")] + more)
    with pytest.raises(Faulty) as refused:
        read(root)
    wanted = "a slice such as 'case1_day0_slice_0001' and large_bowel or small_bowel or stomach are wanted, got"
    said = [fault.removeprefix(f"{root}/train/").removeprefix(f"{root}/") for fault in refused.value.faults]
    here = "case123/case123_day20/scans"
    assert [fault.partition(", whose")[0] for fault in said] == [
        f"{here}/slice_0001_6_4_1.50_1.63.png: the same slice as {scans}/slice_0001_4_6_1.63_1.50.png; keep one",
        f"{here}/slice_4.png: not a slice of this set",
        "case8/case7_day0/scans/slice_0001_4_4_1.63_1.63.png: not a slice of this set",
        "train.csv: line 13 has 2 values where 3 are named; mend it",
        "train.csv: line 10: stomach of case7_day0_slice_0001 stands there twice; keep one",
        f"train.csv: line 11: {wanted} 'case7_day0_slice_0001' and 'liver'; restore it",
        f"train.csv: line 12: {wanted} '7' and 'stomach'; restore it",
        "train.csv: there is no slice for the lines of 'case123_day20_slice_0002'; restore it",
        f"{here}/slice_0003_6_4_1.50_1.63.png: the table has no line of its {', '.join(CLASSES)}; restore it",
        "case7/case7_day0/scans/slice_0001_4_4_1.63_1.63.png: the table has no line of its small_bowel; restore it",
    ]
    assert [s.id for s in refused.value.samples] == ["case123_day20_slice_0001"]


def test_a_table_without_its_columns(root):
    (root / "train.csv").write_text("id,class\ncase7_day0_slice_0001,stomach\n")
    with pytest.raises(Faulty, match="the column segmentation is missing; there is: id, class"):
        read(root)
