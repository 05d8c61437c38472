"""Manifests: copies share a group, a fingerprint follows the pixels, a damaged file is refused."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ultraseg.samples import Row, Sample, digest, fingerprint, group_copies, read_manifest, verify, write_manifest

ROWS = [Row("benign-1", "ab", "benign", "benign-1"), Row('odd "name", 2', "cd", "normal", "benign-1")]


def sample(name):
    return Sample(name, Path(f"{name}.png"), (), name.split("-")[0], name, "drawn")


def pixels(value, shape=(2, 8)):
    return np.full((*shape, 1), value, np.uint8), np.zeros(shape, np.uint8)


def test_digest_is_sha256_over_shapes_and_pixels():
    image, mask = pixels(7)
    expected = hashlib.sha256(b"(2, 8, 1)" + bytes([7] * 16) + b"(2, 8)" + bytes(16)).hexdigest()
    assert digest(image, mask) == expected
    assert len({expected, digest(*pixels(8)), digest(image, mask + 1), digest(*pixels(7, (4, 4)))}) == 4


def test_copies_take_the_group_of_the_first_and_nothing_else_changes():
    samples = [sample(name) for name in ("benign-1", "benign-2", "malignant-1", "normal-1")]
    values = {"benign-1": 5, "benign-2": 6, "malignant-1": 5, "normal-1": 5}
    grouped, rows = group_copies(samples, lambda s: pixels(values[s.id]))
    assert [s.group for s in grouped] == ["benign-1", "benign-2", "benign-1", "benign-1"]
    assert [row.group for row in rows] == [s.group for s in grouped]
    assert [(s.id, s.label, s.image) for s in grouped] == [(s.id, s.label, s.image) for s in samples]
    assert rows[0].sha256 == rows[2].sha256 == digest(*pixels(5))


def test_a_copy_across_two_patients_merges_both():
    """The second patient's other image comes along, or it could be on the other side of its copy."""
    samples = [replace(sample(name), group=group) for name, group in (("a", "p"), ("b", "q"), ("c", "q"), ("d", "r"))]
    looks = {"a": 1, "b": 1, "c": 2, "d": 3}
    grouped, rows = group_copies(samples, lambda s: pixels(looks[s.id]))
    assert [s.group for s in grouped] == [row.group for row in rows] == ["p", "p", "p", "r"]


def test_equal_bytes_in_another_shape_are_no_copy():
    samples = [sample("benign-1"), sample("benign-2")]
    shapes = {"benign-1": (2, 8), "benign-2": (4, 4)}
    grouped, _ = group_copies(samples, lambda s: pixels(0, shapes[s.id]))
    assert [s.group for s in grouped] == ["benign-1", "benign-2"]


def test_copies_with_different_masks_share_a_group_but_not_a_digest():
    masks = {"benign-1": 0, "benign-2": 1}
    _, rows = group_copies(
        [sample("benign-1"), sample("benign-2")], lambda s: (pixels(3)[0], pixels(3)[1] + masks[s.id])
    )
    assert rows[0].group == rows[1].group and rows[0].sha256 != rows[1].sha256


def test_a_manifest_comes_back_as_it_was_written(tmp_path):
    write_manifest(tmp_path / "m.csv", ROWS)
    assert read_manifest(tmp_path / "m.csv") == ROWS
    assert (tmp_path / "m.csv").read_text().splitlines()[0] == "id,sha256,label,group"
    assert fingerprint(ROWS) == hashlib.sha256((tmp_path / "m.csv").read_bytes()).hexdigest()


def test_the_fingerprint_follows_every_part_and_the_order():
    other = [Row("benign-1", "ab", "benign", "benign-9"), ROWS[1]]
    assert len({fingerprint(ROWS), fingerprint(other), fingerprint(ROWS[::-1]), fingerprint(ROWS[:1])}) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a manifest has the columns id, sha256, label, group, got \[\]"),
        ("id,label\na,b\n", r"a manifest has the columns .*, got \['id', 'label'\]"),
        ("id,sha256,label,group\na,b,c\n", "line 2 of this manifest is damaged"),
        ("id,sha256,label,group\na,b,c,d\ne,f,g,h,i\n", "line 3 of this manifest is damaged"),
        ("id,sha256,label,group\na,b,c,d\na,x,c,d\n", "an id stands in this manifest twice"),
    ],
)
def test_a_damaged_manifest_is_refused_by_name(tmp_path, text, message):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ValueError, match=rf"m\.csv: {message}"):
        read_manifest(tmp_path / "m.csv")


def test_verify_names_every_difference():
    have = [ROWS[0], Row("new", "ef", "benign", "new")]
    want = [Row("benign-1", "changed", "benign", "benign-1"), Row("gone", "x", "benign", "gone")]
    assert verify(have, want) == ["gone is missing", "new is not in the manifest", "benign-1 differs"]
    assert verify(ROWS, ROWS[::-1]) == []
