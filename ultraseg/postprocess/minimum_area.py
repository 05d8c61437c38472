"""A least area: parts of a mask too small to be a lesion are dropped.

Source: common practice; nnU-Net (Isensee et al., 2021) and its predecessors do so with a threshold per class.
"""

import cv2
import numpy as np


def minimum_area(found, *, share=0.001):
    """Drop the small connected parts of a mask.

    Args:
        found: mask in {0, 1}, uint8 `[height, width]`; an empty one stays as it is.
        share: of the image's pixels that a part must have at least, in [0, 1); parts that touch at a corner are one.

    Returns:
        As `found`.

    Raises:
        ValueError: the share is out of its range.
    """
    if not 0 <= share < 1:
        raise ValueError(f"minimum_area: share must be at least 0 and below 1, got {share}")
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    kept = statistics[:, cv2.CC_STAT_AREA] >= share * found.size
    kept[0] = False
    return kept[labels].astype(np.uint8)
