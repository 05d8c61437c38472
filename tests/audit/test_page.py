"""The audit's page: what it says, that names are safe in it, that it is written whole and the same each time."""

import json
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from PIL import Image

from ultraseg import pixels
from ultraseg.audit._extent import Extent
from ultraseg.audit._finding import Finding
from ultraseg.audit._thumbnails import BOX, FINDINGS, OUTLINE
from ultraseg.audit.contradictions import Contradiction
from ultraseg.audit.duplicates import Pair
from ultraseg.audit.leakage import Leakage
from ultraseg.audit.page import Audit, write
from ultraseg.samples import Sample

AWKWARD = "(é) [1] 'a' & co."


class Reader(HTMLParser):
    """The text of a page, its pictures, and which elements are left open."""

    def __init__(self):
        super().__init__()
        self.words, self.pictures, self.scripts, self.open = [], [], 0, []

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        if tag == "img":
            self.pictures.append(dict(attributes)["src"])
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def samples(tmp_path):
    """Four grey pictures with a square lesion each; the third file is broken."""
    found = []
    for place, name in enumerate(["one", AWKWARD, "three", "four"]):
        image = np.full((60, 90), 40 + 10 * place, np.uint8)
        mask = np.zeros((60, 90), np.uint8)
        mask[20:40, 30:60] = 255
        image_path, mask_path = tmp_path / f"{place}.png", tmp_path / f"{place} mask.png"
        pixels.write(image_path, image)
        pixels.write(mask_path, mask)
        scan = "one" if place < 2 else name
        label = "malignant" if place == 1 else "benign"
        found.append(Sample(name, image_path, (mask_path,), label, scan, "<set>", scan=scan))
    (tmp_path / "2.png").write_bytes(b"")
    return tuple(found)


def audit(samples):
    return Audit(
        samples,
        facts={"images": 4, "share <b>": 0.25, "word": "x"},
        faults=("<i>x</i>.png: the file is empty",),
        findings=(
            Finding("one", "holes", "1 hole of 2 pixels in all", 2, ((25, 40, 1, 2),)),
            Finding(AWKWARD, "several masks", "2 masks, united", 2),
            Finding("three", "broken image", "2.png: the file is empty"),
        ),
        extents=(Extent("one", "benign", 0.1111111, 1, (20, 30, 20, 30), 60, 90), Extent("x", "y", 0, 0, None, 60, 90)),
        pairs=(
            Pair("one", "four", "resized", 0.91, None, True),
            Pair("one", AWKWARD, "identical pixels", 1.0),
            Pair("three", "four", "adjacent frame", 0.8),
        ),
        contradictions=(Contradiction("one", AWKWARD, ("label", "mask"), 0.5),),
        splits={"split & co": Leakage(2, 1, ((AWKWARD, "one"),))},
        draws=(0.2, 0.4),
    )


def read(folder):
    reader = Reader()
    reader.feed((folder / "audit.html").read_text(encoding="utf-8"))
    return reader


def test_what_programs_read(samples, tmp_path):
    write(tmp_path / "out", audit(samples))
    found = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))
    assert found["source"] == "<set>" and found["images"] == 4
    assert found["labels"] == {"benign": 3, "malignant": 1}
    assert found["facts"] == {"images": 4, "share <b>": 0.25, "word": "x"}
    assert found["pairs"][1] == {"a": "one", "b": AWKWARD, "kind": "identical pixels", "score": 1, "flipped": False}
    assert found["pairs"][0]["flipped"] is True
    assert found["contradictions"] == [{"a": "one", "b": AWKWARD, "over": ["label", "mask"], "dice": 0.5}]
    assert found["scans"] == found["groups"] == [["one", AWKWARD]]
    assert found["findings"][0]["boxes"] == [[25, 40, 1, 2]]
    assert found["lesions"][0] == {"id": "one", "share": 0.111111, "components": 1, "box": [20, 30, 20, 30]}
    leak = found["leakage"]
    assert leak["splits"]["split & co"] == {"tested": 2, "leaking": 1, "share": 0.5, "pairs": [[AWKWARD, "one"]]}
    assert leak["random"] == {"draws": 2, "mean": 0.3, "least": 0.2, "most": 0.4}


def test_what_people_read(samples, tmp_path):
    write(tmp_path / "out", audit(samples))
    reader = read(tmp_path / "out")
    words = "\n".join(reader.words)
    for sentence in (
        "Audit of <set>",
        "4 images: 3 benign, 1 malignant.",
        "2 pairs of copies show one scan; 3 images have a copy. There are 3 distinct scans.",
        "1 pair of adjacent frames of one sweep; each frame is a scan of its own.",
        "1 pair of these contradict each other: 1 over the label, 1 over the mask.",
        "30.0 % of the test images have a twin in training on average (20.0 to 40.0 %); a twin is a copy, adjacent",
        "3 findings on images and masks, 1 of them broken; 1 fault of the folder.",
        "<i>x</i>.png: the file is empty",
        "identical pixels, score 1.000; contradict each other over the label and the mask, Dice 0.50",
        "resized, mirrored, score 0.910",
        "cannot be shown",
        f"split & co: {AWKWARD} (test) and one (training).",
    ):
        assert sentence in words
    assert words.index("identical pixels, score") < words.index("resized, mirrored")  # contradictions first
    assert reader.open == [] and reader.scripts == 0


def test_pictures_are_there_and_show_the_mask_and_the_finding(samples, tmp_path):
    write(tmp_path / "out", audit(samples))
    pictures = read(tmp_path / "out").pictures
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out" / "pictures").iterdir()}
    assert set(pictures) == files
    assert "pictures/00001.png" in files and "pictures/00001-holes.png" in files
    assert all(name.isascii() and " " not in name for name in files)
    boxed = np.asarray(Image.open(tmp_path / "out" / "pictures" / "00001-holes.png").convert("RGB"))
    outlined = (boxed == OUTLINE).all(-1)
    scale = 240 / 90
    assert cv2.boundingRect(outlined.astype(np.uint8)) == pytest.approx([30 * scale, 20 * scale, 80, 53], abs=2)
    box = cv2.boundingRect((boxed == BOX).all(-1).astype(np.uint8))
    assert box == pytest.approx([40 * scale, 25 * scale, 2 * scale, 1 * scale], abs=4)
    plain = np.asarray(Image.open(tmp_path / "out" / "pictures" / "00001.png").convert("RGB"))
    assert not (plain == BOX).all(-1).any() and abs(int(plain[0, 0, 0]) - 40) <= 2


def test_a_coloured_picture_keeps_its_colours(samples, tmp_path):
    image = np.full((60, 90, 3), 50, np.uint8)
    image[:10] = (200, 30, 10)
    pixels.write(samples[0].image, image)
    write(tmp_path / "out", audit(samples))
    shown = np.asarray(Image.open(tmp_path / "out" / "pictures" / "00001.png").convert("RGB"))
    assert shown[5, 100].tolist() == [200, 30, 10]


def test_the_same_audit_gives_the_same_files(samples, tmp_path):
    for name in ("first", "second"):
        write(tmp_path / name, audit(samples))
    names = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*.*"))
    assert len(names) > 5
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_a_kind_with_many_findings_shows_some_and_names_all(samples, tmp_path):
    many = tuple(Finding("one" if place else AWKWARD, "specks", f"number {place}") for place in range(FINDINGS + 2))
    write(tmp_path / "out", Audit(samples, findings=many))
    words = "\n".join(read(tmp_path / "out").words)
    assert f"number {FINDINGS - 1}" in words and f"number {FINDINGS}" not in words
    assert "And 2 more: one, one." in words
    assert len(json.loads((tmp_path / "out" / "audit.json").read_text())["findings"]) == FINDINGS + 2


def test_nothing_found_is_said(samples, tmp_path):
    write(tmp_path / "out", Audit(()))
    words = "\n".join(read(tmp_path / "out").words)
    assert (
        "No two images show one scan." in words
        and "adjacent frames" not in words
        and "0 findings on images and masks, 0 of them broken; 0 faults of the folder." in words
    )
    assert not list((tmp_path / "out" / "pictures").iterdir())


def test_a_name_that_is_no_utf_8_is_written_and_read_back(samples, tmp_path):
    fault = "\udce9.png: not a file of BUSI"
    write(tmp_path / "out", Audit(samples, faults=(fault,)))
    assert json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))["faults"] == [fault]


def test_it_is_written_whole_or_not_at_all(samples, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError):
        write(tmp_path / "out", audit(samples))
    assert not list((tmp_path / "out").iterdir())

    def broken(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("ultraseg.audit.page.html", broken)
    with pytest.raises(OSError, match="the disk is full"):
        write(tmp_path / "other", audit(samples))
    assert not (tmp_path / "other").exists()


def test_what_people_read_in_short(samples, tmp_path):
    told = write(tmp_path / "out", audit(samples))
    text = (tmp_path / "out" / "audit.md").read_text(encoding="utf-8")
    assert told[0] == "4 images: 3 benign, 1 malignant." and f"- {told[0]}\n" in text
    assert text.startswith("# Audit of \\<set\\>\n")
    assert "| share \\<b\\> | 0.25 |" in text
    assert "| split & co | 2 | 1 | 50.0% |" in text
    assert "| one | (é) \\[1\\] 'a' & co. | label and mask | 0.500 |" in text
    assert "| holes | 1 |" in text and "- \\<i\\>x\\</i\\>.png: the file is empty" in text
