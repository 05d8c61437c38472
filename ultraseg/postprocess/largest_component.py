"""The largest component alone: for data sets whose images show one lesion at most.

Source: nnU-Net (Isensee et al., 2021, doi 10.1038/s41592-020-01008-z), which tries it on validation cases.
"""

import cv2
import numpy as np


def largest_component(found):
    """Keep the largest connected part of a mask.

    Args:
        found: mask in {0, 1}, uint8 `[height, width]`; an empty one stays as it is.

    Returns:
        As `found`; parts that touch at a corner are one, and of parts of one size the uppermost stays.
    """
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    if count <= 2:
        return found
    return (labels == 1 + np.argmax(statistics[1:, cv2.CC_STAT_AREA])).astype(np.uint8)
