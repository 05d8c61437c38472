"""Calipers: crosses that mark the ends of a measured distance, and the dotted lines between them.

Source: none published. A cross is brighter along its four arms than between them, and its arms are of nearly one
length; no interface of tissue in BUSI is (all hits were looked at).
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np

ARM = 4  # pixels that every arm of a cross reaches at least
LONGEST = 24  # pixels that an arm reaches at most
CONTRAST = 30  # grey levels of a cross over what lies between its arms
UNEVEN = 1.7  # times its shortest arm that an arm reaches at most; one may run on into a line or bright tissue
WIDTH = 2  # pixels from the middle of an arm to its blurred edge
DOTS = 5  # dots that make a line
NOISE = 2000  # a picture with more dots than this is noise
GAP = 14  # pixels between the dots of a line, on average
ASIDE = 1.5  # pixels by which a dot may lie off its line
RAISED = 20  # grey levels of a dot over its surroundings, once its line is known
FAINT = 0.3  # times what the line's clear dots rise that a faint one does
STRAIGHT = ((-1, 0), (1, 0), (0, -1), (0, 1))
SLANTED = ((-1, -1), (1, 1), (-1, 1), (1, -1))


@dataclass(frozen=True)
class Cross:
    """A cross: its middle, how far its arms reach, the grey that they exceed, and whether it is an x."""

    row: int
    column: int
    reach: int
    level: int
    slanted: bool


def crosses(grey):
    """Find + and x.

    Args:
        grey: uint8 `[h, w]`.

    Returns:
        Crosses from top to bottom, upright ones first.
    """
    upright = cv2.getStructuringElement(cv2.MORPH_CROSS, (2 * ARM + 1, 2 * ARM + 1))
    across = np.maximum(np.eye(2 * ARM + 1, dtype=np.uint8), np.eye(2 * ARM + 1, dtype=np.uint8)[::-1])
    soft = cv2.blur(grey, (3, 3))
    found = []
    for kernel, arms, gaps, far in ((upright, STRAIGHT, SLANTED, ARM - 1), (across, SLANTED, STRAIGHT, ARM + 1)):
        darkest = cv2.erode(grey, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        higher = cv2.subtract(darkest, cv2.max(_beside(soft, gaps, far), _beside(soft, gaps, far + 1)))
        core = cv2.inRange(higher, CONTRAST, 255)
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(core) if core.any() else (0, None, None, None)
        for label in range(1, count):
            left, top, wide, tall = boxes[label][:4]
            part = np.s_[top : top + tall, left : left + wide]
            own = np.where(labels[part] == label, higher[part], 0)
            row, column = (int(at) for at in np.unravel_index(own.argmax(), own.shape) + np.array([top, left]))
            cross = _measured(grey, row, column, darkest[row, column], own.max(), arms)
            if cross:
                found.append(cross)
    return found


def cross_pixels(grey, cross):
    """The arms of a cross: uint8 `[h, w]` in {0, 255}."""
    band = np.zeros_like(grey)
    for down, right in SLANTED[::2] if cross.slanted else STRAIGHT[::2]:
        start, end = ((cross.column + far * right, cross.row + far * down) for far in (-cross.reach, cross.reach))
        cv2.line(band, start, end, 255, 2 * WIDTH + 1)
    return cv2.bitwise_and(band, cv2.inRange(grey, cross.level, 255))


def dotted(dots, ends):
    """Find straight lines of evenly spaced dots.

    Args:
        dots: rows and columns of the dots' middles, `[n, 2]`.
        ends: crosses; a line is looked for between each two, and elsewhere too.

    Returns:
        Pairs of ends, ((row, column), (row, column)), in whole pixels.
    """
    if not DOTS <= len(dots) <= NOISE:
        return []
    guesses = [((a.row, a.column), (b.row, b.column)) for a, b in itertools.combinations(ends, 2)]
    picture = np.zeros(dots.max(0).astype(int) + 2, np.uint8)
    picture[tuple(np.rint(dots).astype(int).T)] = 255
    lines = cv2.HoughLinesP(picture, 1, np.pi / 180, DOTS, minLineLength=2 * GAP, maxLineGap=GAP)
    for left, top, right, bottom in [] if lines is None else lines.reshape(-1, 4).tolist():
        guesses.append(((top, left), (bottom, right)))
    return [line for line in guesses if _is_dotted(np.array(line, float), dots)]


def line_pixels(grey, lines):
    """The dots of known lines, the faint ones too: uint8 `[h, w]` in {0, 255}."""
    band = np.zeros_like(grey)
    for (top, left), (bottom, right) in lines:
        cv2.line(band, (left, top), (right, bottom), 255, 3)
    raised = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((5, 5), np.uint8))
    least = max(RAISED, FAINT * float(np.quantile(raised[band > 0], 0.9)))
    return cv2.bitwise_and(band, (raised >= least).astype(np.uint8) * 255)


def _beside(soft, gaps, far):
    """The second brightest of the four places between the arms; a number or a line may cover the brightest."""
    height, width = soft.shape
    framed = cv2.copyMakeBorder(soft, far, far, far, far, cv2.BORDER_REPLICATE)
    a, b, c, d = (framed[far + far * y :][:height, far + far * x :][:, :width] for y, x in gaps)
    return cv2.max(cv2.max(cv2.min(a, b), cv2.min(c, d)), cv2.min(cv2.max(a, b), cv2.max(c, d)))


def _measured(grey, row, column, darkest, height, arms):
    """A cross whose arms are long, thin and even enough; None otherwise."""
    level = int(darkest) - int(height) // 2
    reaches = sorted(_reach(grey, row, column, step, level) for step in arms)
    between = [_reach(grey, row, column, step, level) for step in (SLANTED if arms is STRAIGHT else STRAIGHT)]
    most = int(UNEVEN * reaches[0]) + 1
    even = reaches[0] >= ARM and reaches[2] <= min(most, LONGEST) and (reaches[3] <= LONGEST or reaches[0] > ARM + 1)
    if even and sum(2 * gap <= reaches[0] for gap in between) >= 3:
        return Cross(row, column, min(reaches[3], most), level, arms is SLANTED)
    return None


def _reach(grey, row, column, step, level):
    """How many pixels follow the middle in one direction before one falls below the level."""
    for far in range(1, LONGEST + 2):
        y, x = row + far * step[0], column + far * step[1]
        if not (0 <= y < grey.shape[0] and 0 <= x < grey.shape[1] and grey[y, x] >= level):
            return far - 1
    return LONGEST + 1


def _is_dotted(line, dots):
    """Whether enough dots lie on a line, without gaps that are long against the others."""
    along = line[1] - line[0]
    length = float(np.hypot(*along))
    if length < 2 * GAP:
        return False
    along /= length
    away = dots - line[0]
    places = np.sort((away @ along)[abs(away @ [-along[1], along[0]]) <= ASIDE])
    places = places[(places >= -1) & (places <= length + 1)]
    if len(places) < DOTS or length > GAP * len(places):
        return False
    gaps = np.diff(places)
    return bool(np.median(gaps) >= 2 and np.quantile(gaps, 0.8) <= 2 * np.median(gaps) + 1)
