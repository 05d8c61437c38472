"""From files to pixels: every mode that masks and images come in, and every way in which a file is broken."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from ultraseg import pixels

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
    ],
    ids=["1 bit", "grey", "RGB", "red", "RGBA", "red with alpha", "on both sides of half"],
)
def test_a_mask_of_any_mode_is_the_same_mask(tmp_path, array, flags):
    mask = pixels.read_mask((saved(tmp_path / "m.png", array, *flags),), DISC.shape)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, DISC > 0)


def test_a_mask_with_a_palette(tmp_path):
    lines = b"".join(b"\0" + bytes([0, 1, 1, 0]) for _ in range(3))
    path = png(tmp_path / "m.png", 4, 3, 3, lines, palette=bytes([0, 0, 0, 255, 0, 0]))
    assert pixels.read_mask((path,), (3, 4)).tolist() == [[0, 1, 1, 0]] * 3


def test_masks_are_united_and_none_is_empty(tmp_path):
    other = cv2.circle(CLEAR.copy(), (25, 15), 9, 255, -1)
    paths = saved(tmp_path / "1.png", DISC), saved(tmp_path / "2.png", other)
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
        (cv2.imencode(".png", GREY.astype(np.uint16))[1].tobytes(), "16 bits a channel where 8 are wanted"),
        (cv2.imencode(".tif", GREY.astype(np.float32))[1].tobytes(), "32 bits a channel where 8 are wanted"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "cut BMP", "a swapped byte", "no PNG inside", "16 bit", "float"],
)
@pytest.mark.parametrize(
    "read", [lambda path: pixels.read_image(path, 1), lambda path: pixels.read_mask((path,), (30, 50))]
)
def test_a_broken_file_is_refused_by_name(tmp_path, data, sentence, read):
    (tmp_path / "broken.png").write_bytes(data)
    with pytest.raises(ValueError, match=rf"broken\.png: {sentence}"):
        read(tmp_path / "broken.png")


def test_a_header_that_promises_too_much_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"huge\.png: not an image that can be read"):
        pixels.read_image(png(tmp_path / "huge.png", 200_000, 200_000, 0, b"\0" * 99), 1)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        pixels.read_image(tmp_path / "none.png", 1)


@pytest.mark.parametrize("array", [GREY, np.stack([GREY, DISC, CLEAR], axis=-1)])
def test_what_is_written_is_read_again(tmp_path, array):
    pixels.write(tmp_path / "new" / "a.png", array)
    read = pixels.read_image(tmp_path / "new" / "a.png", 3)
    np.testing.assert_array_equal(read, array if array.ndim == 3 else np.stack([array] * 3, axis=-1))
    assert len(list((tmp_path / "new").iterdir())) == 1
