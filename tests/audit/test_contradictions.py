"""Contradictions: labels and masks of copies, compared over what both pictures show."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from ultraseg.audit import agreements, contradictions
from ultraseg.samples import Sample


def pair(a="a", b="b", transform=None, flipped=False):
    return SimpleNamespace(a=a, b=b, transform=transform, flipped=flipped)


@pytest.fixture
def sample(tmp_path):
    def write(name, mask, label="benign"):
        paths = tmp_path / f"{name}.png", tmp_path / f"{name}_mask.png"
        for path, pixels in zip(paths, (np.zeros_like(mask), mask * 255), strict=True):
            cv2.imwrite(str(path), pixels)
        return Sample(name, paths[0], (paths[1],), label, name, "drawn")

    return write


def box(top, bottom, left, right, shape=(20, 30)):
    mask = np.zeros(shape, np.uint8)
    mask[top:bottom, left:right] = 1
    return mask


def test_two_labels_contradict_each_other_whatever_the_masks(sample):
    both = [sample("a", box(2, 8, 2, 8)), sample("b", box(2, 8, 2, 8), "malignant")]
    [found] = contradictions(both, [pair()])
    assert (found.a, found.b, found.over, found.dice) == ("a", "b", ("label",), 1.0)


def test_masks_contradict_each_other_below_the_limit(sample):
    # 6x6 pixels each, 4 rows in common: 2 * 24 / 72 = 0.667; 5 rows in common: 60 / 72 = 0.833
    far, near = [sample("a", box(2, 8, 2, 8)), sample("b", box(4, 10, 2, 8))], sample("c", box(3, 9, 2, 8))
    [found] = contradictions(far, [pair()])
    assert found.over == ("mask",) and found.dice == pytest.approx(2 / 3)
    assert contradictions([far[0], near], [pair(b="c")]) == []
    assert agreements([far[0], near], [pair(b="c")]) == [pytest.approx(5 / 6)]


def test_a_lesion_against_none_contradicts(sample):
    [found] = contradictions([sample("a", box(2, 8, 2, 8)), sample("b", box(0, 0, 0, 0), "normal")], [pair()])
    assert found.over == ("label", "mask") and found.dice == 0


def test_a_mask_is_brought_onto_the_other_picture(sample):
    # b shows columns 10 to 30 of a at twice the size
    a, b = sample("a", box(4, 10, 12, 20)), sample("b", box(8, 20, 4, 20, (40, 40)))
    moved = np.array([[2.0, 0, -20], [0, 2.0, 0]])
    assert agreements([a, b], [pair(transform=moved)])[0] > 0.8
    assert agreements([a, b], [pair(transform=np.array([[2.0, 0, 0], [0, 2.0, 0]]))])[0] < 0.2


def test_a_mirrored_copy_is_turned_back(sample):
    a, b = sample("a", box(4, 10, 2, 8)), sample("b", box(4, 10, 22, 28))
    assert agreements([a, b], [pair(flipped=True)]) == [1.0]
    assert agreements([a, b], [pair()]) == [0.0]


def test_what_only_one_picture_shows_does_not_count(sample):
    # a's second lesion lies outside of b, which shows the left 15 columns
    mask = box(4, 10, 2, 8)
    a, b = sample("a", mask | box(4, 10, 20, 28)), sample("b", mask[:, :15].copy())
    assert agreements([a, b], [pair(transform=np.array([[1.0, 0, 0], [0, 1.0, 0]]))]) == [1.0]
