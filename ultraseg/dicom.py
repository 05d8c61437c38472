"""DICOM files: their pictures, and what their tags say of frames, pixel size and the ultrasound region.

Source: DICOM PS3.3, C.7.6.3 (Image Pixel) and C.8.5.5 (US Region Calibration); decoded by pydicom, an extra.
Departure: display windows and look-up tables of grey are not applied, since `pixels` stretches what is not 8 bits.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

PREAMBLE = 128
"""Bytes before the letters DICM."""
PLANE, TISSUE = 1, 1
"""Codes of a region that is a two-dimensional picture, and of one that shows tissue."""
CENTIMETRE = 3
"""Code of a region's unit of length."""
COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
"""Colour models that pydicom turns into red, green and blue."""
DAMAGES = (ValueError, RuntimeError, AttributeError, LookupError, TypeError, ArithmeticError, EOFError, AssertionError,
           struct.error, zlib.error)  # fmt: skip
"""What pydicom raises at a file that is damaged; it has no error of its own for that."""


@dataclass(frozen=True)
class Description:
    """What a file's tags say.

    `frames` pictures of `height` by `width` pixels; `pitch_mm` is a pixel's height and width; `box` is the ultrasound
    region: top, left, height and width in pixels, the part without the scanner's text. Both are None where no tag
    gives them, `patient` (the identifier, not the name) and `series` are empty.
    """

    frames: int
    height: int
    width: int
    pitch_mm: tuple[float, float] | None
    box: tuple[int, int, int, int] | None
    patient: str
    series: str


def recognized(data: bytes) -> bool:
    """Whether a file's bytes, of which the first 132 are enough, are DICOM's."""
    return data[PREAMBLE : PREAMBLE + 4] == b"DICM"


def describe(path: Path) -> Description:
    """Read a file's tags; its pictures are not touched.

    Returns:
        Its description. The region is the largest two-dimensional one, of tissue where there is one; the pixel size
        is that region's where it is given in centimetres, otherwise the spacing of the whole picture.

    Raises:
        ValueError: pydicom is missing, the file is damaged or holds no picture, or its region lies outside.
        OSError: it cannot be read.
    """
    header = _header(path)
    with _refusing(path):
        frames, height, width = _size(header)
        region, box = _region(header, height, width)
        pitch_mm = _pitch(header, region)
        patient, series = (str(header.get(name, "") or "").strip() for name in ("PatientID", "SeriesInstanceUID"))
    _refuse_nothing(path, frames, height, width)
    if box and min(box[2:]) < 1:
        raise ValueError(f"{path}: its ultrasound region lies outside its {width}x{height} pixels; mend its tags")
    return Description(frames, height, width, pitch_mm, box, patient, series)


def decode(path: Path, frame: int | None, *, limit: int) -> np.ndarray:
    """Decode one picture.

    Args:
        path: a DICOM file.
        frame: which picture, from 0; None where the file holds one.
        limit: the most pixels that a picture may have; a larger one is refused before it is decoded.

    Returns:
        Grey `[height, width]`, larger being brighter, or colour `[height, width, 3]` in blue, green, red: uint8 where
        8 bits of a value are stored, otherwise uint16.

    Raises:
        ValueError: pydicom or a decoder is missing, the file is damaged, the picture is too large, or not grey or
            colour of 1 to 16 bits, or the frame is not there.
        OSError: the file cannot be read.
    """
    header = _header(path)
    with _refusing(path):
        frames, height, width = _size(header)
        syntax = header.file_meta.TransferSyntaxUID
    _refuse_nothing(path, frames, height, width)
    if height * width > limit:
        raise ValueError(
            f"{path}: {width}x{height} pixels are more than the limit of {limit / 1e6:g} megapixels; make it smaller, "
            "or set ULTRASEG_MAX_MEGAPIXELS if it is meant to be so large"
        )
    if frame is None and frames > 1:
        raise ValueError(f"{path}: it holds {frames} pictures where one is wanted; name the frame, or save one alone")
    if not 0 <= (frame or 0) < frames:
        raise ValueError(f"{path}: there is no frame {frame}; its {frames} are counted from 0")
    _refuse_compression(path, syntax)
    library = _library(path)
    with _refusing(path):
        # from the path pydicom reads one frame alone, but cannot inflate
        source = library.dcmread(path) if syntax == library.uid.DeflatedExplicitVRLittleEndian else path
        values = library.pixels.pixel_array(source, index=frame or 0)
        model = str(header.PhotometricInterpretation)
        bits = int(header.get("BitsStored", 8 * values.dtype.itemsize))
        if model == "PALETTE COLOR":
            values = library.pixels.apply_color_lut(values, header)[..., :3]
            values, model, bits = (values >> 8 * (values.dtype.itemsize - 1)).astype(np.uint8), "RGB", 8
        slope = float(header.get("RescaleSlope", 1))
    if values.dtype.kind not in "ui" or bits > 16:
        raise ValueError(f"{path}: {values.dtype} pixels where whole numbers of 16 bits at most are wanted; convert it")
    if values.ndim == 3 and model in COLOURS:
        return np.ascontiguousarray(values[..., ::-1])
    if values.ndim == 2 and model in ("MONOCHROME1", "MONOCHROME2"):
        return _grey(values, bits, falling=(model == "MONOCHROME1") != (slope < 0))
    raise ValueError(f"{path}: its colour model {model} is not known; convert it to RGB or MONOCHROME2")


def _grey(values: np.ndarray, bits: int, *, falling: bool) -> np.ndarray:
    """Brighter is larger, and the least value that the bits can hold is 0."""
    low = -(2 ** (bits - 1)) if values.dtype.kind == "i" else 0
    wide = values.astype(np.int32)
    shifted = low + 2**bits - 1 - wide if falling else wide - low
    return shifted.astype(np.uint8 if bits == 8 else np.uint16)


def _library(path: Path) -> ModuleType:
    try:
        import pydicom.pixels
    except ImportError:
        raise ValueError(f"{path}: reading DICOM wants pydicom; pip install 'ultraseg[dicom]'") from None
    return pydicom


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Name the file in which pydicom stumbles."""
    try:
        yield
    except DAMAGES as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{path}: a DICOM file that cannot be read ({why}); copy it again from the source") from None


def _header(path: Path) -> Any:
    library = _library(path)
    try:
        with _refusing(path):
            return library.dcmread(path, stop_before_pixels=True)
    except library.errors.InvalidDicomError:
        raise ValueError(f"{path}: not a DICOM file, whatever its name says; replace or remove it") from None


def _size(header: Any) -> tuple[int, int, int]:
    """Frames, height and width; 0 where no tag gives them."""
    return int(header.get("NumberOfFrames") or 1), int(header.get("Rows") or 0), int(header.get("Columns") or 0)


def _refuse_nothing(path: Path, frames: int, height: int, width: int) -> None:
    if min(frames, height, width) < 1:
        raise ValueError(f"{path}: it holds no picture ({frames} of {width}x{height} pixels); replace or remove it")


def _refuse_compression(path: Path, syntax: Any) -> None:
    """Say in a sentence that no decoder is installed."""
    try:
        ready = _library(path).pixels.get_decoder(syntax).is_available
    except NotImplementedError:
        raise ValueError(f"{path}: compressed as {syntax.name}, which pydicom cannot decode; convert it") from None
    if not ready:
        raise ValueError(
            f"{path}: compressed as {syntax.name}, for which a decoder is missing; pip install 'pylibjpeg[all]', or "
            "convert it"
        )


def _region(header: Any, height: int, width: int) -> tuple[Any, tuple[int, int, int, int] | None]:
    """The largest plane picture, tissue before colour flow, and its box; None without one."""
    planes = [part for part in header.get("SequenceOfUltrasoundRegions") or () if part.RegionSpatialFormat == PLANE]
    boxes = [_box(part, height, width) for part in planes]
    ranks = [(part.get("RegionDataType") == TISSUE, box[2] * box[3]) for part, box in zip(planes, boxes, strict=True)]
    if not ranks:
        return None, None
    best = ranks.index(max(ranks))
    return planes[best], boxes[best]


def _box(region: Any, height: int, width: int) -> tuple[int, int, int, int]:
    """Top, left, height and width of a region within the picture; its last row and column belong to it."""
    top, left = int(region.RegionLocationMinY0), int(region.RegionLocationMinX0)
    bottom = min(int(region.RegionLocationMaxY1) + 1, height)
    right = min(int(region.RegionLocationMaxX1) + 1, width)
    return top, left, max(bottom - top, 0), max(right - left, 0)


def _pitch(header: Any, region: Any) -> tuple[float, float] | None:
    """A pixel's height and width in millimetres; a sign says the axis's direction and does not matter."""
    found: list[Any] = []
    if region is not None and all(region.get(f"PhysicalUnits{axis}Direction") == CENTIMETRE for axis in "XY"):
        found.append([10 * float(region.get(f"PhysicalDelta{axis}") or 0) for axis in "YX"])
    found += [[float(value) for value in header.get(name) or ()] for name in ("PixelSpacing", "ImagerPixelSpacing")]
    for spacing in found:
        if len(spacing) == 2 and all(math.isfinite(side) and side for side in spacing):
            return abs(spacing[0]), abs(spacing[1])
    return None
