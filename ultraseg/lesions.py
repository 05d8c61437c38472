"""The lesions of one image, in the truth and as found: how many, how long, and which found part matches which lesion.

Source: Maier-Hein et al., 2024, Metrics reloaded (doi:10.1038/s41592-023-02151-z): one-to-one, greedily by overlap, the
pair of the greatest IoU first. Above an IoU of one half there is one such matching alone (Kirillov et al., 2019,
arXiv:1801.00868). Feret, 1930, for the diameter.
Departure: below one half a matching of greater total IoU may exist; the greedy one is kept, because what is matched
at a higher overlap is then matched at every lower one too.
"""

from typing import NamedTuple

import cv2
import numpy as np


class Lesions(NamedTuple):
    """What two masks hold, counted by connected components.

    `lesions` are those of the truth and `components` the found ones; `overlaps` is the IoU of each matched pair, the
    greatest first, `[pairs]`; `diameters` are the largest Feret diameters of any lesion and of any component, in the
    unit of the pitch, 0 where there is none.
    """

    lesions: int
    components: int
    overlaps: np.ndarray
    diameters: tuple[float, float]

    def matched(self, overlap):
        """Count the matched pairs that overlap well enough.

        Args:
            overlap: the least IoU that counts, above 0 and at most 1.

        Raises:
            ValueError: the overlap is not in (0, 1].
        """
        if not 0 < overlap <= 1:
            raise ValueError(f"lesions: overlap must be above 0 and at most 1, got {overlap}")
        return int(np.count_nonzero(self.overlaps >= overlap))


def compare(truth, found, *, pitch=(1.0, 1.0)):
    """Find the components of both masks, match them and measure the longest, once for all measures by lesion.

    Pixels that touch by a side or a corner are one component.

    Args:
        truth: mask in {0, 1}, `[height, width]`, checked by `counts.masks`.
        found: mask in {0, 1}, same shape.
        pitch: height and width of a pixel, in any unit.

    Returns:
        `Lesions`.

    Raises:
        ValueError: the masks are not `[height, width]`, or the pitch is not two numbers above 0.
    """
    if truth.ndim != 2:
        raise ValueError(f"lesions: masks must be [height, width], got the shape {truth.shape}")
    if len(pitch) != 2 or not all(0 < side < np.inf for side in pitch):
        raise ValueError(f"lesions: pitch must be two numbers above 0, got {pitch}")
    (labels, boxes), (found_labels, found_boxes) = (_components(mask) for mask in (truth, found))
    return Lesions(
        len(boxes),
        len(found_boxes),
        _matches(labels, found_labels, boxes[:, cv2.CC_STAT_AREA], found_boxes[:, cv2.CC_STAT_AREA]),
        (_diameter(labels, boxes, pitch), _diameter(found_labels, found_boxes, pitch)),
    )


def _components(mask):
    """Labels from 1 on, and a row of OpenCV's statistics for each."""
    mask = mask.astype(np.uint8, copy=False)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    return labels, statistics[1:]


def _matches(labels, found_labels, areas, found_areas):
    """IoU of each pair that greedy matching makes; only pairs that share a pixel are ever looked at."""
    both = (labels > 0) & (found_labels > 0)
    codes = (labels[both] - 1).astype(np.int64) * len(found_areas) + (found_labels[both] - 1)
    codes, shared = np.unique(codes, return_counts=True)
    first, second = np.divmod(codes, max(len(found_areas), 1))
    ratios = shared / (areas[first] + found_areas[second] - shared)
    taken, found_taken, matches = set(), set(), []
    for pair in np.argsort(-ratios, kind="stable"):
        if first[pair] not in taken and second[pair] not in found_taken:
            taken.add(first[pair])
            found_taken.add(second[pair])
            matches.append(ratios[pair])
    return np.array(matches, np.float64)


def _diameter(labels, boxes, pitch):
    """The largest Feret diameter; no component is longer than its box's diagonal, so most are never measured."""
    diagonals = np.hypot(boxes[:, cv2.CC_STAT_HEIGHT] * pitch[0], boxes[:, cv2.CC_STAT_WIDTH] * pitch[1])
    longest = 0.0
    for index in np.argsort(-diagonals, kind="stable"):
        if diagonals[index] <= longest:
            break
        left, top, width, height = boxes[index, :4]
        own = labels[top : top + height, left : left + width] == index + 1
        longest = max(longest, _feret(own.astype(np.uint8), pitch))
    return longest


def _feret(component, pitch):
    """The greatest distance of two corners: of two pixels' centres, and half a pixel more at either end."""
    (outline,), _ = cv2.findContours(component, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(outline)[:, 0]
    apart = np.abs(hull[:, None] - hull) + 1
    return float(np.hypot(apart[..., 1] * pitch[0], apart[..., 0] * pitch[1]).max())
