"""What a file says of its picture before it is decoded: the size."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ultraseg import dicom


def size_of(path: Path) -> tuple[int, int] | None:
    """Height and width in pixels; None where the file is no picture or cannot be read, which decoding it will say."""
    try:
        with path.open("rb") as file:
            start = file.read(dicom.PREAMBLE + 4)
        if dicom.recognized(start):
            described = dicom.describe(path)
            return described.height, described.width
        with Image.open(path) as picture:
            return picture.height, picture.width
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        ValueError,
        OSError,
        SyntaxError,
    ):
        return None
