"""`ultraseg data audit`: what it writes and says, and that a folder full of bad input is told whole."""

import json
import struct
import zlib

import cv2
import numpy as np
import pytest

from tests.cli.commands import refused, within
from tests.cli.test_data import ANY, draw


@pytest.fixture
def folder(tmp_path):
    draw(tmp_path / "set")
    return tmp_path


def audited(folder, *words, root="set"):
    return within("data", "audit", root, "-o", "out", *(words or ANY), folder=folder)


def test_copies_and_contradictions_are_written(folder):
    answer = audited(folder)
    assert answer.returncode == 0, answer.stderr
    assert "1 pair of copies show one scan; 2 images have a copy. There are 41 distinct scans." in answer.stdout
    found = json.loads((folder / "out" / "audit.json").read_text())
    [pair] = found["pairs"]
    assert (pair["a"], pair["b"], pair["kind"], pair["score"]) == ("benign-2", "malignant-3", "identical file", 1)
    [clash] = found["contradictions"]
    assert clash["over"] == ["label", "mask"] and clash["dice"] < 0.3
    assert (folder / "out" / "audit.html").is_file() and (folder / "out" / "audit.md").is_file()
    refused(audited(folder), "out: exists already")


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_is_looked_at(folder, monkeypatch):
    monkeypatch.setattr("ultraseg.examination.examine", lambda *_, **__: pytest.fail("looked at images"))
    (folder / "file").write_text("no folder")
    answer = within("data", "audit", "set", "-o", "file/out", *ANY, folder=folder)
    refused(answer, "ultraseg: file/out: Not a directory")
    assert answer.returncode == 3


def test_the_same_audit_twice_is_the_same_to_the_byte(folder):
    audited(folder)
    (folder / "out").rename(folder / "before")
    audited(folder)
    for path in (folder / "before").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (folder / "out" / path.relative_to(folder / "before")).read_bytes(), path.name


def bomb(path, side=20_000):
    """A PNG of a few bytes whose header promises 400 megapixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def test_everything_that_is_wrong_in_a_folder_is_named_at_once(tmp_path):
    images, masks = tmp_path / "set" / "images", tmp_path / "set" / "masks"
    images.mkdir(parents=True)
    masks.mkdir()
    rng = np.random.default_rng(0)
    good = ["plain", "two words", "(a) [b]", "été", "x" * 200]
    bad = ["corrupt", "truncated", "empty", "bomb", "outside", "no mask", "small mask"]
    for name in (*good, *bad):
        cv2.imwrite(str(images / f"{name}.png"), rng.integers(0, 255, (60, 80), np.uint8))
        cv2.imwrite(str(masks / f"{name}.png"), np.zeros((60, 80), np.uint8))
    (images / "corrupt.png").write_text("no image")
    (images / "truncated.png").write_bytes((images / "truncated.png").read_bytes()[:300])
    (images / "empty.png").write_bytes(b"")
    bomb(images / "bomb.png")
    (images / "outside.png").unlink()
    (images / "outside.png").symlink_to("/etc/hostname")
    (masks / "no mask.png").unlink()
    cv2.imwrite(str(masks / "small mask.png"), np.zeros((6, 8), np.uint8))
    cv2.imwrite(str(masks / "no image.png"), np.zeros((60, 80), np.uint8))
    answer = audited(tmp_path, "--set", "folder")
    assert answer.returncode == 1
    told = [line for line in answer.stdout.splitlines() if line.startswith(("broken: ", "fault: "))]
    for name, reason in (
        ("corrupt.png", "not an image"),
        ("truncated.png", "cut short"),
        ("empty.png", "empty"),
        ("bomb.png", "more than the limit of 64 megapixels"),
        ("outside.png", "leads out of the data set"),
        ("no mask.png", "its mask"),
        ("small mask", "8x6"),
        ("no image.png", "its image"),
    ):
        assert any(name in line and reason in line for line in told), (name, told)
    kinds = [line.split(":")[0] for line in told]
    assert f", {kinds.count('broken')} of them broken; {kinds.count('fault')} faults of the folder." in answer.stdout
    found = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert found["facts"]["images with a broken file"] == kinds.count("broken")
    assert found["images"] == len(good) and found["facts"]["images that the reader lists"] == len(good) + 4


def test_a_set_that_is_short_has_faults_and_nothing_broken(folder):
    answer = audited(folder, "--set", "busi")
    assert answer.returncode == 1
    assert " 0 of them broken; 3 faults of the folder." in answer.stdout and "broken: " not in answer.stdout
    told = [line for line in answer.stdout.splitlines() if line.startswith("fault: ")]
    assert len(told) == 3 and all("--set '{READER: {complete: false}}'" in line for line in told)
