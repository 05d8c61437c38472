"""Manifests: a fingerprint follows the pixels, a damaged file is refused; faults are told all at once."""

import hashlib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from ultraseg.samples import COLUMNS, Faulty, Row, Sample, digest, fingerprint, read_manifest, verify, write_manifest

HEADER = "id,sha256,mask_sha256,label,group,scan,contradicted,lesion"
ROWS = [
    Row("benign-1", "ab", "12", "benign", "benign-1", "benign-1", "", "0.250000"),
    Row('odd "name", 2', "cd", "34", "normal", "benign-1", "benign-1", "label mask", "0.000000"),
]


def test_digest_is_sha256_over_shape_and_pixels():
    image = np.full((2, 8, 1), 7, np.uint8)
    expected = hashlib.sha256(b"(2, 8, 1)" + bytes([7] * 16)).hexdigest()
    assert digest(image) == expected
    assert len({expected, digest(image + 1), digest(image.reshape(4, 4, 1)), digest(image[..., 0])}) == 4


def test_digest_is_of_the_pixels_in_their_order_in_memory_or_not():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert digest(image[:, ::-1]) == digest(image[:, ::-1].copy()) != digest(image)


def test_a_sample_says_no_more_than_it_must():
    sample = Sample("a", Path("a.png"), (), "benign", "a", "drawn")
    assert {field.name: getattr(sample, field.name) for field in fields(sample)[6:]} == {
        "pitch_mm": None,
        "structures": (),
        "frame": None,
        "box": None,
        "margin": None,
        "scan": "",
        "lesion": None,
        "contradicted": "",
    }


def test_one_fault_is_a_sentence_and_several_are_a_list():
    sample = Sample("a", Path("a.png"), (), "benign", "a", "drawn")
    one = Faulty(Path("set"), ["set/a.png: the file is empty; restore it"], [sample])
    assert (str(one), one.samples) == ("set/a.png: the file is empty; restore it", (sample,))
    two = Faulty(Path("set"), ["first", "second"], [])
    assert str(two) == "set: 2 faults\n  first\n  second"
    assert two.faults == ("first", "second") and isinstance(two, ValueError)


def test_a_manifest_comes_back_as_it_was_written(tmp_path):
    write_manifest(tmp_path / "m.csv", ROWS)
    assert read_manifest(tmp_path / "m.csv") == ROWS
    assert (tmp_path / "m.csv").read_text().splitlines()[0] == HEADER == ",".join(COLUMNS)
    assert fingerprint(ROWS) == hashlib.sha256((tmp_path / "m.csv").read_bytes()).hexdigest()


def test_the_fingerprint_follows_every_part_and_the_order():
    changed = [[replace(ROWS[0], **{name: "9"}), ROWS[1]] for name in COLUMNS]
    assert len({fingerprint(rows) for rows in (ROWS, ROWS[::-1], ROWS[:1], *changed)}) == 3 + len(COLUMNS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", rf"a manifest has the columns {HEADER.replace(',', ', ')}, got \[\]"),
        (
            "id,sha256,label,group\na,b,c,d\n",
            r"a manifest has the columns .*, got \['id', 'sha256', 'label', 'group'\]",
        ),
        (f"{HEADER}\na,b,c\n", "line 2 of this manifest is damaged"),
        (f"{HEADER}\na,b,c,d,e,f,g,h\na,b,c,d,e,f,g,h,i\n", "line 3 of this manifest is damaged"),
        (f"{HEADER}\na,b,c,d,e,f,g,h\na,x,c,d,e,f,g,h\n", "an id stands in this manifest twice"),
    ],
)
def test_a_damaged_manifest_is_refused_by_name(tmp_path, text, message):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ValueError, match=rf"m\.csv: {message}"):
        read_manifest(tmp_path / "m.csv")


def test_verify_names_every_difference():
    have = [ROWS[0], replace(ROWS[0], id="new")]
    want = [replace(ROWS[0], mask_sha256="changed"), replace(ROWS[0], id="gone")]
    assert verify(have, want) == ["gone is missing", "new is not in the manifest", "benign-1 differs"]
    assert verify(ROWS, ROWS[::-1]) == []
