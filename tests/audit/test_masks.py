"""Findings on masks: each kind on a mask that has it, none on one that has not, broken files, and sizes by hand."""

import cv2
import numpy as np
import pytest
from PIL import Image

from ultraseg.audit.masks import Extent, extents, inspect_masks
from ultraseg.samples import Runs, Sample

SHAPE = (40, 60)


@pytest.fixture
def put(tmp_path):
    """Write an image and masks, arrays or ready-made files, and return their sample."""

    def _put(*masks, label="benign", structures=(), mode="L"):
        image = tmp_path / 'image (é "1").png'
        Image.fromarray(np.arange(2400, dtype=np.uint8).reshape(SHAPE)).save(image)
        paths = []
        for place, mask in enumerate(masks):
            if isinstance(mask, np.ndarray):
                Image.fromarray(mask).convert(mode).save(tmp_path / f"mask {place}.png")
                mask = tmp_path / f"mask {place}.png"
            paths.append(mask)
        return Sample("one", image, tuple(paths), label, "one", "drawn", structures=structures)

    return _put


def disc(centre=(30, 20), radius=8):
    return cv2.circle(np.zeros(SHAPE, np.uint8), centre, radius, 255, -1)


def found(sample, **options):
    return [(finding.kind, finding.number) for finding in inspect_masks(sample, **options)]


def test_a_plain_mask_has_no_finding(put):
    assert found(put(disc())) == []
    assert found(put(disc(), structures=("liver",))) == []


def test_several_masks_are_said_unless_they_are_structures(put):
    assert found(put(disc(), disc((10, 10), 5))) == [("several masks", 2)]
    assert found(put(disc(), None, disc((10, 10), 5), structures=("a", "b", "c"))) == []


@pytest.mark.parametrize(
    ("mode", "words"),
    [("1", "1 bit"), ("RGB", "colour"), ("RGBA", "colour and alpha"), ("LA", "grey and alpha"), ("P", "a palette")],
)
def test_odd_modes(put, mode, words):
    [finding] = inspect_masks(put(disc(), mode=mode))
    assert (finding.kind, finding.text) == ("odd mode", f"mask 0.png is stored as {words}")


def test_values_that_are_not_two(put):
    soft = disc()
    soft[0, :2] = 7, 9  # with 0 and 255: four
    assert found(put(soft)) == [("odd values", 4)]
    colours = np.repeat(disc()[..., None], 3, axis=-1)
    colours[5, 5] = 255, 0, 0  # black, white, red
    assert ("odd values", 3) in found(put(colours, mode="RGB"))


def test_a_mask_of_another_size_is_said_and_still_looked_at(put):
    sample = put(cv2.circle(np.zeros((20, 30), np.uint8), (0, 10), 5, 255, -1))
    kinds = [finding.kind for finding in inspect_masks(sample)]
    assert kinds == ["other size", "lesion on the border"]
    assert inspect_masks(sample)[0].text == "mask 0.png is 30x20 pixels, its image 60x40"


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut"])
def test_a_broken_mask_is_a_finding_and_no_crash(put, tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    [finding] = inspect_masks(put(path))
    assert finding.kind == "broken mask" and str(path) in finding.text
    [finding] = inspect_masks(put(tmp_path / "absent.png"))
    assert finding.kind == "broken mask" and "absent.png" in finding.text


def test_a_broken_image_does_not_hide_its_mask(put, tmp_path):
    sample = put(disc((0, 20)))
    sample.image.write_bytes(b"")
    assert [kind for kind, _ in found(sample)] == ["lesion on the border"]


def test_what_the_label_says(put):
    assert found(put(np.zeros(SHAPE, np.uint8))) == [("empty mask", 0)]
    assert found(put()) == [("empty mask", 0)]
    assert found(put(np.zeros(SHAPE, np.uint8), label="normal")) == []
    assert found(put(label="normal")) == []
    area = int((disc() > 0).sum())
    assert found(put(disc(), label="normal")) == [("marked although clear", area)]
    assert found(put(disc(), label="normal"), clear=()) == []
    assert found(put(label="unlabelled")) == []


def test_specks_by_hand(put):
    # 5 % of a disc of some 200 pixels are 10: the 4 pixels are a speck, the 16 are a second lesion
    mask = disc()
    mask[2:4, 2:4] = mask[30:34, 50:54] = 255
    [finding] = inspect_masks(put(mask))
    assert (finding.kind, finding.number, finding.boxes) == ("specks", 1, ((2, 2, 2, 2),))
    assert finding.text == "1 speck of 4 pixels in all"


def test_holes_by_hand(put):
    mask = disc()
    mask[18:20, 28:31] = 0  # 6 pixels
    mask[24, 30] = 0
    [finding] = inspect_masks(put(mask))
    assert (finding.kind, finding.number, finding.boxes) == ("holes", 7, ((18, 28, 2, 3), (24, 30, 1, 1)))
    assert finding.text == "2 holes of 7 pixels in all"
    assert found(put(cv2.circle(disc(), (30, 12), 3, 0, -1))) == []  # a bay is no hole


def test_a_corner_does_not_open_a_hole(put):
    mask = np.zeros(SHAPE, np.uint8)
    mask[10:13, 10:13] = 255
    mask[10, 10] = mask[11, 11] = 0  # they meet at a corner only, through which components hold together
    assert found(put(mask)) == [("holes", 1)]


@pytest.mark.parametrize("part", [np.s_[:5, 10:14], np.s_[-5:, 10:14], np.s_[10:14, :5], np.s_[10:14, -5:]])
def test_a_lesion_on_the_border(put, part):
    mask = np.zeros(SHAPE, np.uint8)
    mask[part] = 255
    assert found(put(mask)) == [("lesion on the border", 4)]


def test_runs_out_of_a_table(put, tmp_path):
    whole = Runs(tmp_path / "train.csv", 7, "130 4 190 4", SHAPE)
    assert found(put(whole)) == []
    [finding] = inspect_masks(put(Runs(tmp_path / "train.csv", 7, "2399 9", SHAPE)))
    assert finding.kind == "broken mask" and "line 7" in finding.text
    [finding] = inspect_masks(put(Runs(tmp_path / "train.csv", 7, "130 4", (40, 50))))
    assert (finding.kind, finding.text) == ("other size", "train.csv, line 7, is 50x40 pixels, its image 60x40")


def test_extents_by_hand(put):
    mask = np.zeros(SHAPE, np.uint8)
    mask[10:20, 5:17] = mask[30:36, 40:44] = 255  # 120 + 24 of 2400 pixels
    assert extents([put(mask)]) == [Extent("one", "benign", 0.06, 2, (10, 5, 26, 39), 40, 60)]
    assert extents([put(label="normal")]) == [Extent("one", "normal", 0.0, 0, None, 40, 60)]
    parts = put(mask, disc(), structures=("a", "b"))
    [extent] = extents([parts])
    assert extent.share == pytest.approx(((mask | disc()) > 0).mean())


def test_extents_leave_out_what_cannot_be_read(put, tmp_path):
    assert extents([put(tmp_path / "absent.png"), put(label="normal")]) == extents([put(label="normal")])
