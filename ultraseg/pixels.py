"""From a file to pixels: a sample's 8-bit image and the union of its masks, refused by name when broken."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from ultraseg import atomic, dicom
from ultraseg.samples import Runs, Sample

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm")
"""Endings of the files that can be read."""
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
HEADERS = {PNG_START: PngImageFile, JPEG_START: JpegImageFile, b"BM": BmpImageFile, b"II*\0": TiffImageFile,
           b"MM\0*": TiffImageFile, b"II+\0": TiffImageFile, b"MM\0+": TiffImageFile}  # fmt: skip
"""How the files begin that can be read, and what reads their header: Pillow's classes themselves, since
`PIL.Image.open` has a limit of its own that is the whole process's."""
UNREADABLE = "{}: not an image that can be read, whatever its name says; replace or remove it"
MEGAPIXELS = 64
"""The largest image that is decoded; `ULTRASEG_MAX_MEGAPIXELS` in the environment sets another limit."""


def read(sample: Sample, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Read a sample's image and its masks, and cut out the part that counts.

    Args:
        sample: what to read.
        channels: 1 for grey, 3 for red, green and blue.

    Returns:
        The image, uint8 `[height, width, channels]`, and its mask, uint8 in {0, 1}, `[height, width]` or, where the
        sample names structures, `[height, width, structures]`.

    Raises:
        ValueError: a file is broken, or the part that counts is empty or outside the image; the message names it.
        OSError: a file cannot be read.
    """
    image = read_image(sample.image, channels, frame=sample.frame)
    shape = image.shape[:2]
    if sample.structures:
        mask = np.stack([read_mask((part,) if part else (), shape) for part in sample.masks], axis=-1)
    else:
        mask = read_mask(sample.masks, shape)
    window = _window(sample, mask)
    return np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])


def read_truth(sample: Sample, shape: tuple[int, int], channel: int | None = None) -> np.ndarray:
    """Read a sample's mask alone, as `read` gives it.

    Args:
        sample: whose mask to read.
        shape: height and width of its image as `read` gives it.
        channel: which of the sample's structures; None where it names none.

    Returns:
        uint8 `[height, width]` in {0, 1}.

    Raises:
        ValueError: as `read`.
        OSError: a file cannot be read.
    """
    if sample.box is None and sample.margin is None:
        return read_mask(sample.masks if channel is None else sample.masks[channel : channel + 1], shape)
    mask = read(sample, 1)[1]
    return mask if channel is None else mask[..., channel]


def read_image(path: Path, channels: int, *, frame: int | None = None) -> np.ndarray:
    """Read an image as 8 bits a channel.

    Args:
        path: a PNG, JPEG, TIFF, BMP or DICOM file, grey or colour, with or without alpha (which is ignored), 8 or 16
            bits a channel; 16 are stretched from the image's own least and largest value to 0 and 255.
        channels: 1 for grey (colour is turned into luma), 3 for red, green, blue (grey is repeated).
        frame: which picture of a DICOM file with several, from 0; None where there is one.

    Returns:
        uint8 `[height, width, channels]`.

    Raises:
        ValueError: the file is no image, is cut short, is too large or holds neither 8 nor 16 bits a channel.
        OSError: it cannot be read.
    """
    pixels = _decode(path, frame)
    if pixels.dtype == np.uint16:
        pixels = _stretched(pixels)
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], channels, axis=-1)
    if channels == 3:
        return np.ascontiguousarray(pixels[..., ::-1])
    return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGR2GRAY)[..., None]


def read_mask(masks: Sequence[Path | Runs | None], shape: tuple[int, int]) -> np.ndarray:
    """Read the masks of one image and unite them.

    Args:
        masks: files of any mode (1-bit, grey, RGB, RGBA, 8 or 16 bits) in which a pixel counts where a colour channel
            exceeds half of its range, or is 1 in a mask of 0 and 1; or runs out of a table. None of them: the image
            holds no lesion.
        shape: the image's height and width in pixels.

    Returns:
        uint8 `[height, width]` in {0, 1}; all 0 when there are no masks.

    Raises:
        ValueError: as `read_image`, or a mask is not as large as its image, or its values are no mask's.
    """
    united = np.zeros(shape, np.uint8)
    for mask in masks:
        if mask is None:
            continue
        found, where = (_filled(mask), _place(mask)) if isinstance(mask, Runs) else (_marked(mask), str(mask))
        if found.shape != tuple(shape):
            got, want = f"{found.shape[1]}x{found.shape[0]}", f"{shape[1]}x{shape[0]}"
            raise ValueError(f"{where}: the mask is {got} pixels but its image is {want}; export both at one size")
        united |= found
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


def _window(sample: Sample, mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns that count."""
    top, left, (bottom, right) = 0, 0, mask.shape[:2]
    marked = mask.any(axis=2) if mask.ndim == 3 else mask > 0
    if sample.box is not None:
        top, left, height, width = sample.box
        if min(top, left) < 0 or min(height, width) < 1 or top + height > bottom or left + width > right:
            raise ValueError(f"{sample.image}: its box {sample.box} lies outside its {right}x{bottom} pixels; mend it")
        bottom, right = top + height, left + width
        lost = int(marked.sum() - marked[top:bottom, left:right].sum())
        if lost:
            raise ValueError(
                f"{sample.image}: {lost} pixels of its mask lie outside its box {sample.box}, the part that counts; "
                "mend the mask, or use the whole picture"
            )
    if sample.margin is not None:
        rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
        if not len(rows):
            raise ValueError(f"{sample.image}: its mask is empty, so there is nothing to cut out; use the whole image")
        around = [round(sample.margin * (part[-1] + 1 - part[0])) for part in (rows, columns)]
        top, bottom = max(top, rows[0] - around[0]), min(bottom, rows[-1] + 1 + around[0])
        left, right = max(left, columns[0] - around[1]), min(right, columns[-1] + 1 + around[1])
    return slice(top, bottom), slice(left, right)


def _filled(runs: Runs) -> np.ndarray:
    """Draw a mask out of its runs."""
    mask = np.zeros(runs.shape[0] * runs.shape[1], np.uint8)
    try:
        numbers = [int(word) for word in runs.text.split()]
    except ValueError:
        raise ValueError(f"{_place(runs)}: runs are whole numbers, got {runs.text[:40]!r}; restore the table") from None
    for start, length in zip(numbers[::2], numbers[1::2], strict=False):
        if start < 1 or length < 1 or start - 1 + length > mask.size:
            raise ValueError(
                f"{_place(runs)}: the run {start} {length} leaves the image's {mask.size} pixels, which are counted "
                "from 1; restore the table"
            )
        mask[start - 1 : start - 1 + length] = 1
    if len(numbers) % 2:
        raise ValueError(f"{_place(runs)}: a run without its length; restore the table")
    return mask.reshape(runs.shape)


def _place(runs: Runs) -> str:
    return f"{runs.table}, line {runs.line}"


def _marked(path: Path) -> np.ndarray:
    """The pixels that a mask file marks."""
    pixels = _decode(path)
    grey = pixels if pixels.ndim == 2 else pixels.max(-1)
    top, full = int(grey.max()), np.iinfo(grey.dtype).max
    if top not in (0, 1, 255) and top <= full // 2:
        raise ValueError(
            f"{path}: the brightest value of this mask is {top} where 1 or {full} is wanted; export it in "
            "black and white"
        )
    return (grey > (0 if top <= 1 else 127 if top == 255 else full // 2)).astype(np.uint8)


def _stretched(pixels: np.ndarray) -> np.ndarray:
    low, high = int(pixels.min()), int(pixels.max())
    return np.rint((pixels - np.float64(low)) * (255 / max(high - low, 1))).astype(np.uint8)


def _decode(path: Path, frame: int | None = None) -> np.ndarray:
    """Decode a file: uint8 or uint16, `[height, width]` or blue, green, red."""
    with Path(path).open("rb") as file:
        data = file.read(dicom.PREAMBLE + 4)
        if dicom.recognized(data):  # it may hold many pictures, of which one is wanted
            return dicom.decode(path, frame, limit=_limit())
        data += file.read()
    if not data:
        raise ValueError(f"{path}: the file is empty; restore it from the source")
    cut = (data.startswith(PNG_START) and PNG_END not in data[-64:]) or (
        data.startswith(JPEG_START) and JPEG_END not in data[-64:]
    )
    if cut:
        raise ValueError(f"{path}: the image is cut short; copy it again from the source")
    _check_header(path, data)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # a header that promises more pixels than OpenCV takes
        pixels = None
    if pixels is None:
        raise ValueError(UNREADABLE.format(path))
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{path}: {pixels.dtype} pixels where 8 or 16 bits without sign are wanted; convert it")
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        return pixels[..., 0]
    return pixels if pixels.ndim == 2 else pixels[..., :3]


def _limit() -> int:
    """The most pixels that are decoded.

    Raises:
        ValueError: the environment says something that is no such number.
    """
    said = os.environ.get("ULTRASEG_MAX_MEGAPIXELS", str(MEGAPIXELS))
    try:
        limit = int(float(said) * 1e6)
    except (ValueError, OverflowError):
        limit = 0
    if limit < 1:
        raise ValueError(f"ULTRASEG_MAX_MEGAPIXELS: a number of megapixels is wanted, got {said!r}")
    return limit


def _check_header(path: Path, data: bytes) -> None:
    """Refuse by its header what is not to be decoded: a small file can hold a huge picture, or several."""
    kind = next((kind for start, kind in HEADERS.items() if data.startswith(start)), None)
    try:
        header = kind and kind(io.BytesIO(data))
        pages = getattr(header, "n_frames", 1)
    except (SyntaxError, ValueError, OSError, LookupError, TypeError, EOFError, UserWarning):
        header = None  # these are Pillow's words for damage, the last one where warnings are errors
    if header is None:
        raise ValueError(UNREADABLE.format(path))
    width, height = header.size
    if width * height > _limit():
        raise ValueError(
            f"{path}: {width}x{height} pixels are more than the limit of {_limit() / 1e6:g} megapixels; make it "
            "smaller, or set ULTRASEG_MAX_MEGAPIXELS if it is meant to be so large"
        )
    if pages > 1:
        raise ValueError(f"{path}: it holds {pages} pictures where one is wanted; save each in a file of its own")
