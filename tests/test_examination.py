"""An examined data set: copies and contradictions found, everything broken named, the rest looked at all the same."""

import json

import cv2
import numpy as np
import pytest

from ultraseg import audit, examination
from ultraseg.datasets.phantom import draw

SIZE = (200, 260)


@pytest.fixture(scope="module")
def drawn():
    """Eight phantoms with their masks, the first four of them with a lesion or not as the mixture has it."""
    return [draw(index, size=SIZE, seed=3)[:2] for index in range(8)]


@pytest.fixture
def root(tmp_path, drawn):
    """A folder of eight scans: `a` again as JPEG under another label and outlined elsewhere, `b` again, cropped."""
    root = tmp_path / "set"
    for part in ("images", "masks"):
        (root / part).mkdir(parents=True)
    lines = ["image,mask,label"]

    def put(name, image, mask, label, ending=".png"):
        cv2.imwrite(str(root / "images" / f"{name}{ending}"), image, [cv2.IMWRITE_JPEG_QUALITY, 80])
        cv2.imwrite(str(root / "masks" / f"{name}.png"), mask * 255)
        lines.append(f"images/{name}{ending},masks/{name}.png,{label}")

    box = np.zeros(SIZE, np.uint8)
    box[60:120, 80:160] = 1
    for name, (image, _) in zip("abcdefgh", drawn, strict=True):
        put(name, image, box, "benign")
    put("a again", drawn[0][0], np.roll(box, 60, axis=1), "malignant", ".jpg")
    put("b (cut)", drawn[1][0][20:180, 30:230], box[20:180, 30:230], "benign")
    (root / "index.csv").write_text("\n".join(lines) + "\n")
    return root


def examined(root, **options):
    return examination.examine({"folder": {"table": "index.csv"}}, root, **options)


def test_copies_and_what_they_contradict_are_found(root):
    found = examined(root, draws=20)
    assert [(pair.a, pair.b) for pair in found.pairs] == [("a", "a again"), ("b", "b (cut)")]
    [clash] = found.contradictions
    # 80 columns wide and moved by 60: 20 of 80 in common
    assert (clash.a, clash.b, clash.over) == ("a", "a again", ("label", "mask")) and clash.dice == pytest.approx(0.25)
    assert {s.id: s.scan for s in found.samples}["b (cut)"] == "b"
    assert {s.id for s in found.samples if s.contradicted} == {"a", "a again"}
    assert found.facts["images with a copy"] == 4 and found.facts["distinct scans"] == 8
    assert found.facts["pairs of copies with two masks"] == 2
    assert found.facts["their Dice, mean"] == pytest.approx((0.25 + 1) / 2, abs=0.03)
    assert len(found.extents) == 10 and len(found.draws) == 20 and not found.faults


def test_adjacent_frames_are_no_copies(root, monkeypatch):
    frames = audit.Pair("c", "d", "adjacent frame", 0.8, np.eye(2, 3)), audit.Pair("a", "a again", "re-saved", 1.0)
    monkeypatch.setattr(examination, "twins", lambda *_, **__: list(frames))
    facts = examined(root, draws=1).facts
    assert (facts["pairs of copies"], facts["pairs of adjacent frames"], facts["pairs of kind re-saved"]) == (1, 1, 1)
    assert (facts["images with a copy"], facts["distinct scans"], facts["groups"]) == (2, 9, 8)


def test_a_split_file_is_audited(root, tmp_path):
    folds = [{"train": ["a", "b"], "test": ["a again", "c"]}, {"train": ["c"], "test": ["b"]}]
    (tmp_path / "split.json").write_text(json.dumps({"folds": folds}))
    found = examined(root, split=tmp_path / "split.json", draws=2)
    assert list(found.splits) == ["random 80% to 20%, seed 30", "split.json, fold 0", "split.json, fold 1"]
    assert found.splits["split.json, fold 0"].pairs == (("a again", "a"),)
    assert found.splits["split.json, fold 1"].leaking == 0
    (tmp_path / "split.json").write_text(json.dumps({"train": ["x"], "test": ["y"]}))
    with pytest.raises(ValueError, match="none of its images is in this data set"):
        examined(root, split=tmp_path / "split.json")


def test_what_is_broken_is_named_and_the_rest_goes_on(root):
    (root / "images" / "c.png").write_bytes(b"")
    data = (root / "images" / "d.png").read_bytes()
    (root / "images" / "d.png").write_bytes(data[: len(data) // 2])
    (root / "masks" / "e.png").write_text("no mask")
    cv2.imwrite(str(root / "masks" / "f.png"), np.zeros((5, 5), np.uint8))
    (root / "images" / "g.png").unlink()
    found = examined(root, draws=2)
    assert len(found.faults) == 2 and "c.png" in found.faults[0] and "g.png" in found.faults[1]
    broken = {(finding.id, finding.kind) for finding in found.findings if finding.kind in audit.BROKEN}
    assert broken >= {("d", "broken image"), ("e", "broken mask"), ("f", "other size")}
    assert [sample.id for sample in found.samples] == ["a", "b", "h", "a again", "b (cut)"]
    assert [(pair.a, pair.b) for pair in found.pairs] == [("a", "a again"), ("b", "b (cut)")]


def test_a_label_that_does_not_speak_of_masks_is_no_finding(root):
    text = (root / "index.csv").read_text()
    (root / "index.csv").write_text(text.replace("benign", "normal"))
    assert not [f for f in examined(root, draws=1).findings if f.kind == examination.MARKED]
    (root / "index.csv").write_text(text.replace("benign", "normal", 1))  # one among nine
    for name in "abcdefgh":
        cv2.imwrite(str(root / "masks" / f"{name}.png"), np.zeros(SIZE, np.uint8))
    (root / "index.csv").write_text(text.replace("benign", "normal"))
    assert [f.id for f in examined(root, draws=1).findings if f.kind == examination.MARKED] == ["b (cut)"]
