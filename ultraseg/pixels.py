"""From a file to pixels: one 8-bit image, or the union of a sample's masks, refused by name when broken."""

from pathlib import Path

import cv2
import numpy as np

from ultraseg import atomic

PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"


def read_image(path: Path, channels: int) -> np.ndarray:
    """Read an 8-bit image.

    Args:
        path: a PNG, JPEG, TIFF or BMP file, grey or colour, with or without alpha (which is ignored).
        channels: 1 for grey (colour is turned into luma), 3 for red, green, blue (grey is repeated).

    Returns:
        uint8 `[height, width, channels]`.

    Raises:
        ValueError: the file is no image, is cut short or does not hold 8 bits a channel.
        OSError: it cannot be read.
    """
    pixels = _decode(path)
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], channels, axis=-1)
    colour = pixels[..., :3]
    if channels == 3:
        return np.ascontiguousarray(colour[..., ::-1])
    return cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_BGR2GRAY)[..., None]


def read_mask(paths: tuple[Path, ...], shape: tuple[int, int]) -> np.ndarray:
    """Read the masks of one image and unite them.

    Args:
        paths: mask files of any mode (1-bit, grey, RGB, RGBA); a pixel counts where a colour channel
            exceeds half of its range, or is 1 in a mask of 0 and 1. None: the image holds no lesion.
        shape: the image's height and width in pixels.

    Returns:
        uint8 `[height, width]` in {0, 1}; all 0 when there are no paths.

    Raises:
        ValueError: as `read_image`, or a mask is not as large as its image.
    """
    united = np.zeros(shape, np.uint8)
    for path in paths:
        pixels = _decode(path)
        if pixels.shape[:2] != tuple(shape):
            got, want = f"{pixels.shape[1]}x{pixels.shape[0]}", f"{shape[1]}x{shape[0]}"
            raise ValueError(f"{path}: the mask is {got} pixels but its image is {want}; export both at one size")
        grey = pixels if pixels.ndim == 2 else pixels[..., :3].max(-1)
        united |= grey > (0 if grey.max() == 1 else 127)
    return united


def write(path: Path, pixels: np.ndarray) -> None:
    """Write pixels as PNG, whole or not at all.

    Args:
        path: the final name.
        pixels: uint8 `[height, width]`, or `[height, width, 3]` in red, green, blue.

    Raises:
        OSError: the file cannot be written.
    """
    _, data = cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels)
    with atomic.file(path) as temporary:
        temporary.write_bytes(data)


def _decode(path: Path) -> np.ndarray:
    data = Path(path).read_bytes()
    if not data:
        raise ValueError(f"{path}: the file is empty; restore it from the source")
    cut = (data.startswith(PNG_START) and PNG_END not in data[-64:]) or (
        data.startswith(JPEG_START) and JPEG_END not in data[-64:]
    )
    if cut:
        raise ValueError(f"{path}: the image is cut short; copy it again from the source")
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # a header that promises more pixels than OpenCV takes
        pixels = None
    if pixels is None:
        raise ValueError(f"{path}: not an image that can be read, whatever its name says; replace or remove it")
    if pixels.dtype != np.uint8:
        bits = 8 * pixels.dtype.itemsize
        raise ValueError(f"{path}: {bits} bits a channel where 8 are wanted; convert it to 8 bits first")
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        return pixels[..., 0]
    return pixels
