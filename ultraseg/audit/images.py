"""Findings on images: broken files, constant pictures, colour among grey, what is drawn over them, padding, shapes."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from ultraseg import overlays, pixels
from ultraseg.audit._finding import Finding, counted
from ultraseg.samples import Sample

SMALLEST, LARGEST = 100, 4000
"""Pixels of a side, beyond which a size is extreme."""
LONGEST = 3
"""Times its shorter side that the longer one of a picture is at most."""
EVEN = 6
"""Grey levels by which the pixels of padding differ, after JPEG."""
PADDING = 3
"""Rows or columns of one grey that are padding, not a dark edge."""
TINT, TINTED = 40, 0.1
"""Levels between the channels of a coloured pixel, and the share of such pixels in a colour picture."""


def inspect_images(samples: Iterable[Sample], *, workers: int = 2) -> list[Finding]:
    """Look at all images of a data set.

    Args:
        samples: whose images to look at.
        workers: threads that look at the same time.

    Returns:
        The findings of `inspect_image` in the order of the samples; where most pictures are in colour, that is none.
    """
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(inspect_image, samples))
    coloured = sum(any(finding.kind == "colour picture" for finding in each) for each in found)
    usual = 2 * coloured > len(found)
    return [finding for each in found for finding in each if not (usual and finding.kind == "colour picture")]


def inspect_image(sample: Sample) -> list[Finding]:
    """Look at one image.

    Args:
        sample: whose image to look at; of a picture with a box, that part.

    Returns:
        Findings of the kinds `broken image`, `extreme size`, `extreme shape`, `constant`, `padding`, `colour picture`
        and those of `overlays.KINDS` (`calipers`, `text`, `body mark`, `colour`); empty when nothing is odd.
    """
    try:
        image = pixels.read_image(sample.image, 3, frame=sample.frame)
    except (ValueError, OSError) as error:
        return [Finding(sample.id, "broken image", str(error))]
    top, left, height, width = sample.box or (0, 0, *image.shape[:2])
    image = image[top : top + height, left : left + width]
    if not image.size:
        return [Finding(sample.id, "broken image", f"{sample.image}: its box {sample.box} lies outside the picture")]
    found = _of_shape(sample, *image.shape[:2])
    red, green, blue = cv2.split(image)
    darkest, brightest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    if darkest.min() == brightest.max():
        return [*found, Finding(sample.id, "constant", f"every pixel is {int(darkest.min())}")]
    found += _of_padding(sample, darkest, brightest)
    tinted = float((brightest - darkest >= TINT).mean())
    if tinted > TINTED:
        text = f"{100 * tinted:.0f} % of the pixels are in colour"
        found.append(Finding(sample.id, "colour picture", text, round(tinted, 4)))
    marks = overlays.marks(np.ascontiguousarray(image))
    for kind in overlays.KINDS:
        own = [mark for mark in marks if mark.kind == kind]
        if own:
            size = sum(mark.pixels for mark in own)
            text = f"{counted(len(own), 'place')}, {counted(size, 'pixel')}"
            boxes = tuple((mark.box[0] + top, mark.box[1] + left, *mark.box[2:]) for mark in own)
            found.append(Finding(sample.id, kind, text, size, boxes))
    return found


def _of_shape(sample: Sample, height: int, width: int) -> list[Finding]:
    found = []
    if min(height, width) < SMALLEST or max(height, width) > LARGEST:
        found.append(Finding(sample.id, "extreme size", f"{width}x{height} pixels", float(height * width)))
    ratio = max(height, width) / min(height, width)
    if ratio > LONGEST:
        text = f"{width}x{height} pixels, one side {ratio:.1f} times the other"
        found.append(Finding(sample.id, "extreme shape", text, round(ratio, 2)))
    return found


def _of_padding(sample: Sample, darkest: np.ndarray, brightest: np.ndarray) -> list[Finding]:
    """Bars of one grey along the edges."""
    extremes = [(darkest.min(axis=over), brightest.max(axis=over)) for over in (1, 0)]
    widths = [_bar(low[::way], high[::way]) for low, high in extremes for way in (1, -1)]
    bars = [
        f"{counted(width, 'pixel')} {side}"
        for width, side in zip(widths, ("above", "below", "left", "right"), strict=True)
        if width >= PADDING
    ]
    return [Finding(sample.id, "padding", ", ".join(bars), max(widths))] if bars else []


def _bar(darkest: np.ndarray, brightest: np.ndarray) -> int:
    """How many lines from the first on have one grey, the same in all of them."""
    range_ = np.maximum.accumulate(brightest.astype(int)) - np.minimum.accumulate(darkest.astype(int))
    uneven = np.flatnonzero(range_ > EVEN)
    return int(uneven[0]) if len(uneven) else len(range_)
