"""From files to pixels: every mode that masks and images come in, and every way in which a file is broken."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.test_dicom import drawn
from ultraseg import pixels
from ultraseg.samples import Runs, Sample

GREY = np.random.default_rng(0).integers(0, 256, (30, 50), np.uint8)
DISC = cv2.circle(np.zeros((30, 50), np.uint8), (20, 15), 9, 255, -1)
CLEAR = np.zeros_like(DISC)


def saved(path, array, *flags):
    assert cv2.imwrite(str(path), array, list(flags))
    return path


def png(path, width, height, colour, lines, *, palette=b"", depth=8):
    """Write a PNG by its chunks: what OpenCV reads but does not write."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"PLTE", palette) if palette else b""
    path.write_bytes(
        pixels.PNG_START + chunk(b"IHDR", head) + body + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_a_grey_image_is_read_to_the_last_bit(tmp_path, ending):
    path = saved(tmp_path / f"a.{ending}", GREY)
    np.testing.assert_array_equal(pixels.read_image(path, 1), GREY[..., None])
    np.testing.assert_array_equal(pixels.read_image(path, 3), np.stack([GREY] * 3, axis=-1))


def test_colour_is_red_green_blue_and_its_grey_is_luma(tmp_path):
    path = saved(tmp_path / "a.png", np.full((2, 2, 3), (10, 100, 200), np.uint8))  # OpenCV writes blue first
    assert pixels.read_image(path, 3)[0, 0].tolist() == [200, 100, 10]
    # ITU-R BT.601: 0.299 * 200 + 0.587 * 100 + 0.114 * 10 = 119.64
    assert pixels.read_image(path, 1)[0, 0].tolist() == [120]


@pytest.mark.parametrize("alpha", [0, 255])
def test_alpha_is_ignored(tmp_path, alpha):
    path = saved(tmp_path / "a.png", cv2.merge([GREY, GREY, GREY, CLEAR + np.uint8(alpha)]))
    np.testing.assert_array_equal(pixels.read_image(path, 1)[..., 0], GREY)
    assert pixels.read_image(path, 3).shape == (30, 50, 3)


def test_grey_with_alpha_is_grey(tmp_path):
    lines = b"".join(b"\0" + bytes([10, 0, 200, 255]) for _ in range(3))
    path = png(tmp_path / "a.png", 2, 3, 4, lines)
    assert pixels.read_image(path, 1)[..., 0].tolist() == [[10, 200]] * 3
    assert pixels.read_mask((path,), (3, 2)).tolist() == [[0, 1]] * 3


def test_sixteen_bits_are_stretched_from_the_least_to_the_largest(tmp_path):
    """1000 to 3550 are 2550 steps, ten for each of the 255: 1010 is 1, 1014 is 1.4, 1016 is 1.6."""
    path = saved(tmp_path / "a.png", np.array([[1000, 1010, 1014, 1016, 3550]], np.uint16))
    assert pixels.read_image(path, 1)[0, :, 0].tolist() == [0, 1, 1, 2, 255]
    flat = saved(tmp_path / "flat.tif", np.full((2, 2), 900, np.uint16))
    assert not pixels.read_image(flat, 3).any()


def test_the_channels_of_sixteen_bits_are_stretched_together_and_alpha_is_no_part_of_it(tmp_path):
    blue, green, red = (np.full((1, 2), value, np.uint16) for value in (0, 5100, 2550))
    path = saved(tmp_path / "a.png", cv2.merge([blue, green, red, np.full((1, 2), 65535, np.uint16)]))
    assert pixels.read_image(path, 3)[0, 0].tolist() == [128, 255, 0]  # 127.5 goes to the even neighbour


@pytest.mark.parametrize(
    ("name", "picture", "options"),
    [
        ("a.tif", Image.fromarray(GREY), {"big_tiff": True}),
        ("a.tif", Image.fromarray(GREY), {"compression": "tiff_lzw"}),
        ("a.tif", Image.fromarray(GREY).convert("P"), {}),
        ("a.bmp", Image.fromarray(GREY).convert("P"), {}),
        ("a.tif", Image.fromarray(GREY).convert("LA"), {}),
        ("a.png", Image.fromarray(GREY).convert("RGBA"), {}),
    ],
    ids=["BigTIFF", "LZW", "palette TIFF", "palette BMP", "TIFF with alpha", "PNG with alpha"],
)
def test_what_other_programs_write_is_read(tmp_path, name, picture, options):
    picture.save(tmp_path / name, **options)
    np.testing.assert_array_equal(pixels.read_image(tmp_path / name, 1)[..., 0], GREY)


@pytest.mark.parametrize(("name", "options"), [("m.tif", {"compression": "group4"}), ("m.tif", {}), ("m.bmp", {})])
def test_a_mask_of_one_bit_is_a_mask(tmp_path, name, options):
    Image.fromarray(DISC > 0).save(tmp_path / name, **options)
    np.testing.assert_array_equal(pixels.read_mask((tmp_path / name,), DISC.shape), DISC > 0)


def test_a_dicom_picture_is_read_by_its_frame(tmp_path):
    path = drawn(tmp_path / "a.dcm", np.stack([GREY, 255 - GREY]), frames=2)
    np.testing.assert_array_equal(pixels.read_image(path, 1, frame=1)[..., 0], 255 - GREY)
    with pytest.raises(ValueError, match=r"a\.dcm: it holds 2 pictures"):
        pixels.read_image(path, 1)
    deep = drawn(tmp_path / "b.dcm", GREY.astype(np.int16) * 10 - 900)
    low, high = int(GREY.min()), int(GREY.max())
    expected = np.rint((GREY - np.float64(low)) * 255 / (high - low))
    np.testing.assert_array_equal(pixels.read_image(deep, 1)[..., 0], expected)
    colour = drawn(tmp_path / "c.dcm", np.full((2, 2, 3), (200, 100, 10), np.uint8))
    assert pixels.read_image(colour, 3)[0, 0].tolist() == [200, 100, 10]


def test_a_jpeg_is_read(tmp_path):
    smooth = cv2.GaussianBlur(GREY, (0, 0), 8)
    path = saved(tmp_path / "a.jpg", smooth, cv2.IMWRITE_JPEG_QUALITY, 100)
    assert np.abs(pixels.read_image(path, 1)[..., 0].astype(int) - smooth).max() <= 3


@pytest.mark.parametrize(
    ("array", "flags"),
    [
        (DISC, [cv2.IMWRITE_PNG_BILEVEL, 1]),
        (DISC, []),
        (cv2.merge([DISC] * 3), []),
        (cv2.merge([CLEAR, CLEAR, DISC]), []),  # a red outline
        (cv2.merge([DISC, DISC, DISC, CLEAR]), []),
        (cv2.merge([CLEAR, CLEAR, DISC, CLEAR + np.uint8(255)]), []),
        (np.where(DISC > 0, 128, 127).astype(np.uint8), []),
        (DISC // 255, []),
        (DISC.astype(np.uint16) * 257, []),
        (DISC.astype(np.uint16), []),
        (DISC.astype(np.uint16) // 255, []),
        (np.where(DISC > 0, 32768, 32767).astype(np.uint16), []),
    ],
    ids=[
        "1 bit",
        "grey",
        "RGB",
        "red",
        "RGBA",
        "red with alpha",
        "on both sides of half",
        "0 and 1",
        "16 bits",
        "8 of 16 bits",
        "0 and 1 of 16 bits",
        "on both sides of half of 16 bits",
    ],
)
def test_a_mask_of_any_mode_is_the_same_mask(tmp_path, array, flags):
    mask = pixels.read_mask((saved(tmp_path / "m.png", array, *flags),), DISC.shape)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, DISC > 0)


def test_a_mask_with_a_palette(tmp_path):
    lines = b"".join(b"\0" + bytes([0, 1, 1, 0]) for _ in range(3))
    path = png(tmp_path / "m.png", 4, 3, 3, lines, palette=bytes([0, 0, 0, 255, 0, 0]))
    assert pixels.read_mask((path,), (3, 4)).tolist() == [[0, 1, 1, 0]] * 3


@pytest.mark.parametrize(("top", "kind"), [(2, np.uint8), (127, np.uint8), (256, np.uint16), (32767, np.uint16)])
def test_values_that_are_no_masks_are_refused(tmp_path, top, kind):
    path = saved(tmp_path / "m.png", (DISC // 255 * kind(top)).astype(kind))
    with pytest.raises(
        ValueError, match=rf"m\.png: the brightest value of this mask is {top} where 1 or \d+ is wanted"
    ):
        pixels.read_mask((path,), DISC.shape)


def runs(text, shape=(2, 5)):
    return Runs(Path("masks.csv"), 7, text, shape)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 1", [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
        ("3 4", [[0, 0, 1, 1, 1], [1, 0, 0, 0, 0]]),  # along the rows, over the end of the first
        ("1 2 9 2", [[1, 1, 0, 0, 0], [0, 0, 0, 1, 1]]),
        ("2 3 3 1", [[0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]),
        ("", [[0] * 5] * 2),
    ],
)
def test_runs_are_counted_from_one_along_the_rows(text, expected):
    assert pixels.read_mask((runs(text),), (2, 5)).tolist() == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 1", "the run 0 1 leaves the image's 10 pixels, which are counted from 1; restore the table"),
        ("10 2", "the run 10 2 leaves"),
        ("1 0", "the run 1 0 leaves"),
        ("-3 2", "the run -3 2 leaves"),
        ("1 2 3", "a run without its length"),
        ("1 two", "runs are whole numbers, got '1 two'"),
    ],
)
def test_runs_that_are_none_are_refused_by_their_line(text, sentence):
    with pytest.raises(ValueError, match=rf"masks\.csv, line 7: {sentence}"):
        pixels.read_mask((runs(text),), (2, 5))


def test_runs_of_an_image_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"masks\.csv, line 7: the mask is 5x2 pixels but its image is 2x5"):
        pixels.read_mask((runs("1 1"),), (5, 2))


def test_masks_are_united_and_none_is_empty(tmp_path):
    other = cv2.circle(CLEAR.copy(), (25, 15), 9, 255, -1)
    paths = saved(tmp_path / "1.png", DISC), None, saved(tmp_path / "2.png", other)
    np.testing.assert_array_equal(pixels.read_mask(paths, DISC.shape), (DISC > 0) | (other > 0))
    empty = pixels.read_mask((), (4, 6))
    assert empty.shape == (4, 6) and empty.dtype == np.uint8 and not empty.any()


def test_a_mask_of_another_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"m\.png: the mask is 50x30 pixels but its image is 30x50"):
        pixels.read_mask((saved(tmp_path / "m.png", DISC),), (50, 30))


def cut(ending):
    data = cv2.imencode(ending, GREY)[1].tobytes()
    return data[: len(data) // 2]


def swapped():
    data = bytearray(cv2.imencode(".png", GREY)[1].tobytes())
    data[len(data) // 2] ^= 255
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b"no image", "not an image that can be read"),
        (cut(".png"), "the image is cut short"),
        (cut(".jpg"), "the image is cut short"),
        (cut(".bmp"), "not an image that can be read"),
        (swapped(), "not an image that can be read"),
        (pixels.PNG_START + b"no image" + pixels.PNG_END, "not an image that can be read"),
        (cut(".tif"), "not an image that can be read"),
        (b"II*\0" + bytes(20), "not an image that can be read"),
        (b"BM" + bytes(60), "not an image that can be read"),
        (pixels.JPEG_START + bytes(20) + pixels.JPEG_END, "not an image that can be read"),
        (b"P5 3 2 255\n123456", "not an image that can be read"),
        (cv2.imencode(".webp", GREY)[1].tobytes(), "not an image that can be read"),
        (cv2.imencode(".tif", GREY.astype(np.int16))[1].tobytes(), "int16 pixels where 8 or 16 bits without sign"),
        (cv2.imencode(".tif", GREY.astype(np.float32))[1].tobytes(), "float32 pixels where 8 or 16 bits without"),
        (cv2.imencodemulti(".tif", [GREY, GREY])[1].tobytes(), "it holds 2 pictures where one is wanted"),
        (bytes(128) + b"DICM", "a DICOM file that cannot be read"),
    ],
    ids=[
        "empty",
        "text",
        "cut PNG",
        "cut JPEG",
        "cut BMP",
        "a swapped byte",
        "no PNG inside",
        "cut TIFF",
        "no TIFF inside",
        "no BMP inside",
        "no JPEG inside",
        "PGM",
        "WebP",
        "signed",
        "float",
        "pages",
        "no DICOM inside",
    ],
)
@pytest.mark.parametrize(
    "read", [lambda path: pixels.read_image(path, 1), lambda path: pixels.read_mask((path,), (30, 50))]
)
def test_a_broken_file_is_refused_by_name(tmp_path, data, sentence, read):
    (tmp_path / "broken.png").write_bytes(data)
    with pytest.raises(ValueError, match=rf"broken\.png: {sentence}"):
        read(tmp_path / "broken.png")


def huge(path):
    """A header of 9000 by 8000 pixels, 72 million, and next to nothing after it."""
    if path.suffix == ".png":
        return png(path, 9000, 8000, 0, b"\0" * 99)
    data = bytearray(cv2.imencode(path.suffix, np.zeros((8, 16), np.uint8))[1].tobytes())
    if path.suffix == ".jpg":
        place = data.index(b"\xff\xc0") + 5
        data[place : place + 4] = struct.pack(">HH", 8000, 9000)
    elif path.suffix == ".bmp":
        data[18:26] = struct.pack("<ii", 9000, 8000)
    else:  # the tags 256 and 257, of one 16-bit number each
        for tag, side in ((256, 9000), (257, 8000)):
            place = data.index(struct.pack("<HHI", tag, 3, 1)) + 8
            data[place : place + 2] = struct.pack("<H", side)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "tif"])
def test_a_header_that_promises_too_much_is_refused(tmp_path, ending):
    path = huge(tmp_path / f"huge.{ending}")
    with pytest.raises(ValueError, match=r"9000x8000 pixels are more than the limit of 64 megapixels; make it smaller"):
        pixels.read_image(path, 1)
    with pytest.raises(ValueError, match="more than the limit of 64 megapixels"):
        pixels.read_mask((path,), (8, 16))


def test_the_limit_is_the_environments(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.png", GREY)  # 1500 pixels
    monkeypatch.setenv("ULTRASEG_MAX_MEGAPIXELS", "0.0015")
    assert pixels.read_image(path, 1).shape == (30, 50, 1)
    monkeypatch.setenv("ULTRASEG_MAX_MEGAPIXELS", "0.001499")
    with pytest.raises(ValueError, match="50x30 pixels are more than the limit of 0.001499 megapixels"):
        pixels.read_image(path, 1)
    with pytest.raises(ValueError, match=r"b\.dcm: 50x30 pixels are more than the limit"):
        pixels.read_image(drawn(tmp_path / "b.dcm", GREY), 1)


@pytest.mark.parametrize("said", ["many", "", "nan", "inf", "-1", "0"])
def test_a_limit_that_is_no_number_is_refused(tmp_path, monkeypatch, said):
    monkeypatch.setenv("ULTRASEG_MAX_MEGAPIXELS", said)
    with pytest.raises(ValueError, match=f"ULTRASEG_MAX_MEGAPIXELS: a number of megapixels is wanted, got '{said}'"):
        pixels.read_image(saved(tmp_path / "a.png", GREY), 1)


@pytest.fixture
def square(tmp_path):
    """An image of 30 by 50 pixels whose mask marks rows 10 to 19 and columns 20 to 39."""
    mask = np.zeros((30, 50), np.uint8)
    mask[10:20, 20:40] = 255
    image, mask = saved(tmp_path / "square.png", GREY), saved(tmp_path / "square_mask.png", mask)
    return Sample("square", image, (mask,), "benign", "square", "drawn")


def test_a_sample_is_read_as_image_and_mask(square):
    image, mask = pixels.read(square, 3)
    assert image.shape == (30, 50, 3) and mask.shape == (30, 50) and mask.dtype == np.uint8
    np.testing.assert_array_equal(image[..., 1], GREY)
    assert mask.sum() == 200 and mask.max() == 1
    assert not pixels.read(replace(square, masks=()), 1)[1].any()


@pytest.mark.parametrize(
    ("box", "margin", "rows", "columns"),
    [
        (None, None, (0, 30), (0, 50)),
        ((5, 10, 20, 35), None, (5, 25), (10, 45)),
        (None, 0.0, (10, 20), (20, 40)),
        (None, 0.25, (8, 22), (15, 45)),  # a quarter of 10 rows is 2.5, to the even 2; of 20 columns 5
        (None, 9.0, (0, 30), (0, 50)),
        ((5, 10, 20, 35), 9.0, (5, 25), (10, 45)),  # the margin ends with the box
        ((10, 20, 10, 20), 0.5, (10, 20), (20, 40)),
    ],
)
def test_the_part_that_counts_is_cut_out_of_both(square, box, margin, rows, columns):
    sample = replace(square, box=box, margin=margin)
    image, mask = pixels.read(sample, 1)
    np.testing.assert_array_equal(image[..., 0], GREY[slice(*rows), slice(*columns)])
    assert mask.shape == image.shape[:2] and mask.sum() == 200
    np.testing.assert_array_equal(pixels.read_truth(sample, image.shape[:2]), mask)


@pytest.mark.parametrize("box", [(-1, 0, 9, 9), (0, 0, 31, 50), (0, 0, 30, 51), (0, 5, 30, 46), (0, 0, 0, 5)])
def test_a_box_outside_the_image_is_refused(square, box):
    with pytest.raises(ValueError, match=r"square\.png: its box .* lies outside its 50x30 pixels"):
        pixels.read(replace(square, box=box), 1)


def test_a_box_that_loses_a_part_of_the_mask_is_refused(square):
    """Rows from 11 on lose one row of 20 pixels."""
    with pytest.raises(ValueError, match=r"square\.png: 20 pixels of its mask lie outside its box \(11, 0, 19, 50\)"):
        pixels.read(replace(square, box=(11, 0, 19, 50)), 1)


def test_a_margin_around_nothing_is_refused(square):
    with pytest.raises(ValueError, match=r"square\.png: its mask is empty, so there is nothing to cut out"):
        pixels.read(replace(square, masks=(), margin=0.1), 1)


def test_structures_have_a_channel_each(square):
    table = Runs(Path("masks.csv"), 2, "1 3", (30, 50))
    sample = replace(square, masks=(*square.masks, None, table), structures=("heart", "lung", "liver"))
    mask = pixels.read(sample, 1)[1]
    assert mask.shape == (30, 50, 3) and mask.dtype == np.uint8
    assert mask.sum(axis=(0, 1)).tolist() == [200, 0, 3]
    for channel in range(3):
        np.testing.assert_array_equal(pixels.read_truth(sample, (30, 50), channel), mask[..., channel])
    # rows 0 to 19 and columns 0 to 39 hold what any of the three marks
    assert pixels.read(replace(sample, margin=0.0), 1)[1].shape == (20, 40, 3)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        pixels.read_image(tmp_path / "none.png", 1)


@pytest.mark.parametrize("array", [GREY, np.stack([GREY, DISC, CLEAR], axis=-1)])
def test_what_is_written_is_read_again(tmp_path, array):
    pixels.write(tmp_path / "new" / "a.png", array)
    read = pixels.read_image(tmp_path / "new" / "a.png", 3)
    np.testing.assert_array_equal(read, array if array.ndim == 3 else np.stack([array] * 3, axis=-1))
    assert len(list((tmp_path / "new").iterdir())) == 1
