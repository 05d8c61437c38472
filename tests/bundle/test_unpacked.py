"""Unpacking: what was packed comes back, and whatever was changed is named before anything of it is used."""

import sys
import zipfile
from dataclasses import replace

import pytest

from ultraseg.bundle import unpacked


def rewritten(path, change):
    """Write a bundle again with its entries changed: a function from name and bytes to bytes, or None to leave out."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            if (now := change(name, data)) is not None:
                archive.writestr(name, now)
    return path


def test_a_bundle_comes_back_whole_and_again(packed, tmp_path):
    for _ in range(2):
        opened = unpacked(packed.bundle, tmp_path / "in" / "bundle")
        assert opened.facts["study"] == "packed" and opened.file.read_bytes() == packed.file.read_bytes()
    opened.refuse_other_data([packed.jobs[0].collection])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda n, d: d + b"1" if n.endswith("images.csv") else d, r"images\.csv has another SHA-256; .* and 5 more"),
        (lambda n, d: None if n == "study.json" else d, r"damaged or changed: study\.json is missing$"),
        (lambda n, d: None if n == "SHA256SUMS" else d, "no bundle: its SHA256SUMS names no bundle.json"),
        (lambda n, d: d.replace(b"study.json", b"study.jsom") if n == "SHA256SUMS" else d, r"study\.json is not in"),
    ],
)
def test_a_changed_bundle_is_refused(packed, tmp_path, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        unpacked(rewritten(packed.bundle, change), tmp_path / "out" / "bundle")
    assert not (tmp_path / "out").exists()


def test_an_entry_that_leads_out_is_refused(packed, tmp_path):
    with zipfile.ZipFile(packed.bundle, "a") as archive:
        archive.writestr("../outside.txt", b"x")
    with pytest.raises(ValueError, match="leads out of the folder"):
        unpacked(packed.bundle, tmp_path / "out" / "in")
    assert not (tmp_path / "out" / "outside.txt").exists()


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_what_is_no_bundle_is_refused(tmp_path, data):
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(ValueError, match=r"b\.zip: no bundle: not a zip archive"):
        unpacked(tmp_path / "b.zip", tmp_path / "out" / "bundle")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "sentence"), [("README.md", "README.md: no bundle: a bundle is a zip archive"), ("x.zip", "no such file")]
)
def test_what_cannot_be_a_bundle_is_refused_and_leaves_nothing(tmp_path, name, sentence):
    (tmp_path / "README.md").write_text("# Read me")
    with pytest.raises(ValueError, match=sentence):
        unpacked(tmp_path / name, tmp_path / "out" / "bundle")
    assert not (tmp_path / "out").exists()


def test_a_later_format_is_refused(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["ultraseg.bundle.unpacked"], "FORMAT", 2)
    with pytest.raises(ValueError, match="of format 1 where 2 is read here"):
        unpacked(packed.bundle, tmp_path / "out" / "bundle")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_is_left_alone(packed, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds something else than"):
        unpacked(packed.bundle, tmp_path / "out")
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_an_unpacked_file_that_was_changed_is_named(packed, tmp_path):
    opened = unpacked(packed.bundle, tmp_path / "out")
    opened.file.write_text("title: another")
    with pytest.raises(ValueError, match=r"studies/packed\.yaml has another SHA-256"):
        unpacked(packed.bundle, tmp_path / "out")


def test_other_data_are_refused_and_images_named(packed, tmp_path):
    opened, collection = unpacked(packed.bundle, tmp_path / "out"), packed.jobs[0].collection
    rows = (replace(collection.rows[0], sha256="0" * 64), *collection.rows[2:])
    with pytest.raises(ValueError) as error:
        opened.refuse_other_data([replace(collection, rows=rows, fingerprint="f" * 64)])
    first, second = (row.id for row in collection.rows[:2])
    assert str(error.value).endswith(f"is not the one that the study was run on: {second} is missing; {first} differs")
