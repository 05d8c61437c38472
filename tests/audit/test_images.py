"""Findings on images: each kind on a picture that has it, none on an untouched phantom, no crash at broken files."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ultraseg.audit.images import inspect_image, inspect_images
from ultraseg.datasets.phantom import draw
from ultraseg.samples import Sample

PHANTOM = draw(1, size=(160, 220), seed=5)[0]


@pytest.fixture
def put(tmp_path):
    def _put(image, name="one (é).png"):
        if isinstance(image, np.ndarray):
            image = cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)[1].tobytes()
        (tmp_path / name).write_bytes(image)
        return Sample(name, tmp_path / name, (), "normal", name, "drawn")

    return _put


def found(sample):
    return [(finding.kind, finding.number) for finding in inspect_image(sample)]


def test_an_untouched_phantom_has_no_finding(put):
    assert found(put(PHANTOM)) == []


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n cut"])
def test_a_broken_file_is_a_finding_and_no_crash(put, content):
    [finding] = inspect_image(put(content))
    assert finding.kind == "broken image" and "one (é).png" in finding.text
    data = cv2.imencode(".png", PHANTOM)[1].tobytes()
    assert found(put(data[: len(data) // 2])) == [("broken image", 0)]


def test_an_absent_file_is_a_finding(put):
    sample = put(PHANTOM)
    sample.image.unlink()
    assert found(sample) == [("broken image", 0)]


def test_a_constant_picture(put):
    [finding] = inspect_image(put(np.full((120, 130), 7, np.uint8)))
    assert (finding.kind, finding.text) == ("constant", "every pixel is 7")


def test_padding_by_hand(put):
    letterboxed = cv2.copyMakeBorder(PHANTOM, 12, 5, 0, 30, cv2.BORDER_CONSTANT, value=0)
    [finding] = [each for each in inspect_image(put(letterboxed)) if each.kind == "padding"]
    assert finding.number == 30
    assert finding.text == "12 pixels above, 5 pixels below, 30 pixels right"
    thin = cv2.copyMakeBorder(PHANTOM, 2, 0, 0, 0, cv2.BORDER_CONSTANT, value=0)
    assert found(put(thin)) == []


@pytest.mark.parametrize(
    ("size", "finding"),
    [
        ((90, 120), ("extreme size", 90 * 120)),
        ((4100, 1400), ("extreme size", 4100 * 1400)),
        ((110, 400), ("extreme shape", 3.64)),  # 400 / 110
    ],
)
def test_extreme_sizes_and_shapes(put, size, finding):
    image = np.zeros(size, np.uint8)
    image[::7, ::5] = 30
    assert found(put(image))[:1] == [finding]


def test_drawn_marks_are_found_by_kind_with_their_boxes(put):
    image = np.repeat(PHANTOM[..., None], 3, axis=-1)
    cv2.putText(image, "RT UOQ", (60, 140), cv2.FONT_HERSHEY_DUPLEX, 0.6, (226,) * 3, 1)
    image[20:30, 150:170] = (220, 30, 20)
    text, colour = inspect_image(put(image))
    assert (text.kind, colour.kind) == ("text", "colour")
    assert colour.number == 200 and colour.boxes == ((20, 150, 10, 20),)
    assert colour.text == "1 place, 200 pixels"
    drawn = np.zeros(PHANTOM.shape, np.uint8)
    cv2.putText(drawn, "RT UOQ", (60, 140), cv2.FONT_HERSHEY_DUPLEX, 0.6, 255, 1)
    left, top, width, height = cv2.boundingRect(drawn)
    np.testing.assert_allclose(text.boxes, [(top, left, height, width)], atol=3)


def test_a_colour_picture_among_grey_ones_is_said_and_one_among_its_like_is_not(put):
    grey, other = put(PHANTOM, "grey.png"), put(PHANTOM[:, ::-1], "other.png")
    tinted = np.clip(PHANTOM[..., None] * np.array([1.0, 0.5, 0.4]) + [80, 0, 0], 0, 255).astype(np.uint8)
    coloured = put(tinted, "coloured.png")
    assert [(f.id, f.kind) for f in inspect_images([grey, coloured, other])] == [("coloured.png", "colour picture")]
    assert inspect_images([coloured, coloured, grey]) == []


def test_only_the_part_that_counts_is_looked_at(put):
    image = cv2.copyMakeBorder(PHANTOM, 40, 0, 0, 0, cv2.BORDER_CONSTANT, value=0)
    sample = put(image)
    assert [kind for kind, _ in found(sample)] == ["padding"]
    assert found(replace(sample, box=(40, 0, 160, 220))) == []
    assert found(replace(sample, box=(400, 0, 10, 10))) == [("broken image", 0)]


def test_the_order_is_that_of_the_samples(put):
    broken = [put(b"", f"{number}.png") for number in range(6)]
    assert [finding.id for finding in inspect_images(broken)] == [f"{number}.png" for number in range(6)]
    assert inspect_images([]) == []
