"""Overlays: what is drawn over a phantom is found where it was drawn, and an untouched phantom has nothing."""

import cv2
import numpy as np
import pytest

from ultraseg import overlays, pixels
from ultraseg.datasets.busi import busi
from ultraseg.datasets.phantom import draw

SIZE = (240, 320)
PEN = 226


def clean(index):
    return draw(index, size=SIZE, seed=5)[0]


def stroke(image, points, width=2):
    for start, end in points:
        cv2.line(image, start, end, PEN, width)


def calipers(image, start=(90, 80), end=(210, 130), slanted=False):
    """Two crosses and a dotted line, as scanners draw them; x, y."""
    for x, y in (start, end):
        arms = [((x - 8, y), (x + 8, y)), ((x, y - 8), (x, y + 8))]
        if slanted:
            arms = [((x - 6, y - 6), (x + 6, y + 6)), ((x - 6, y + 6), (x + 6, y - 6))]
        stroke(image, arms)
    for share in np.arange(0.12, 0.9, 0.05):
        x, y = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
        image[y : y + 2, x : x + 2] = PEN


def words(image, text="LT AXILLA", at=(20, 215)):
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_DUPLEX, 0.6, PEN, 1, cv2.LINE_AA)


def body_mark(image, at=(270, 190)):
    cv2.circle(image, at, 30, PEN, 1)
    stroke(image, [((at[0] - 5, at[1] - 12), (at[0] + 14, at[1] - 12))], 3)


def kinds(image):
    return {mark.kind for mark in overlays.marks(image)}


def shares(found, drawn, faint):
    """Recall of the clearly drawn pixels, and precision with one pixel of blurred edge allowed."""
    wide = cv2.dilate(drawn.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return found[drawn & ~faint].mean(), wide[found].mean()


@pytest.mark.parametrize("index", range(12))
def test_a_picture_with_nothing_drawn_has_no_mark(index):
    image = clean(index)[..., None]
    assert not overlays.find(image).any() and overlays.marks(image) == []


@pytest.mark.parametrize("quality", [100, 75])
@pytest.mark.parametrize("index", range(4))
def test_drawn_pixels_are_found_and_no_others(index, quality):
    before = clean(index)
    image = before.copy()
    calipers(image)
    words(image)
    body_mark(image)
    drawn, faint = image != before, cv2.absdiff(image, before) < 45
    if quality < 100:
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    found = overlays.find(image[..., None])
    assert set(np.unique(found)) == {0, 1} and found.dtype == np.uint8 and found.shape == SIZE
    recall, precision = shares(found > 0, drawn, faint)
    assert recall > 0.9 and precision > 0.8


@pytest.mark.parametrize(
    ("put", "kind"),
    [
        (calipers, "calipers"),
        (lambda image: calipers(image, slanted=True), "calipers"),
        (words, "text"),
        (lambda image: words(image, "RT 12 UOQ"), "text"),
        (body_mark, "body mark"),
    ],
)
def test_each_kind_is_told_with_its_box(put, kind):
    image = clean(1)
    put(image)
    rows, columns = np.nonzero(image != clean(1))
    [mark] = overlays.marks(image[..., None])
    assert mark.kind == kind
    box = rows.min(), columns.min(), np.ptp(rows) + 1, np.ptp(columns) + 1
    np.testing.assert_allclose(mark.box, box, atol=3)
    assert mark.pixels == overlays.find(image[..., None]).sum()


def test_colour_in_a_grey_picture_is_a_mark_and_a_colour_picture_is_none():
    image = np.repeat(clean(2)[..., None], 3, axis=-1)
    image[60:90, 100:140] = (220, 40, 20)
    [mark] = overlays.marks(image)
    assert mark == overlays.Mark("colour", (60, 100, 30, 40), 1200)
    tinted = np.clip(image * np.array([1.0, 0.6, 0.5]), 0, 255).astype(np.uint8)
    assert kinds(tinted) == set()


def test_yellow_calipers_are_calipers():
    image = np.repeat(clean(2)[..., None], 3, axis=-1)
    for channel in (0, 1):
        calipers(one := np.ascontiguousarray(image[..., channel]))
        image[..., channel] = one
    marks = overlays.marks(image)
    assert max(marks, key=lambda mark: mark.pixels).kind == "calipers"


def test_three_equal_channels_are_one():
    image = clean(3)
    words(image)
    found = overlays.find(image[..., None])
    np.testing.assert_array_equal(overlays.find(np.repeat(image[..., None], 3, axis=-1)), found)


@pytest.mark.parametrize("slanted", [False, True])
@pytest.mark.parametrize("scale", [0.8, 1.3])
def test_marks_of_a_resized_picture_are_found(scale, slanted):
    image = clean(1)
    calipers(image, slanted=slanted)
    way = {"fx": scale, "fy": scale, "interpolation": cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC}
    resized, before = (cv2.resize(picture, None, **way) for picture in (image, clean(1)))
    assert kinds(resized[..., None]) == {"calipers"}
    assert overlays.find(resized[..., None])[cv2.absdiff(resized, before) > 90].mean() > 0.9


@pytest.mark.parametrize("text", ["A+B+C", "LXXV"])
def test_a_letter_like_a_cross_is_text(text):
    image = clean(1)
    words(image, text)
    assert kinds(image[..., None]) == {"text"}


@pytest.mark.parametrize(
    "image",
    [
        np.random.default_rng(0).integers(0, 256, (300, 300, 1), np.uint8),
        np.full((9, 5, 3), 255, np.uint8),
        np.zeros((1, 1, 1), np.uint8),
    ],
)
def test_what_is_no_picture_has_no_mark(image):
    assert not overlays.find(image).any()


def test_real_calipers_and_text(busi_root):
    samples = {sample.id: sample for sample in busi(busi_root)}
    wanted = {
        "benign-222": {"calipers"},
        "benign-334": {"text"},
        "benign-300": {"calipers", "text"},
        "benign-82": {"text", "body mark"},
        "benign-234": {"calipers", "body mark", "colour"},
        "benign-193": set(),
        "normal-20": set(),
        "malignant-32": set(),
    }
    found = {name: kinds(pixels.read_image(samples[name].image, 3)) for name in wanted}
    found = {name: kinds_ - ({"text"} - wanted[name]) for name, kinds_ in found.items()}  # the logo in the corner
    assert found == wanted
