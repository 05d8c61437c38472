"""Filling of holes: background that the mask encloses becomes lesion.

Source: Soille, Morphological Image Analysis, 2003, section 6.3.7; SciPy's `binary_fill_holes`.
"""

import numpy as np
from scipy.ndimage import binary_fill_holes


def fill_holes(found):
    """Fill the holes of a mask.

    Args:
        found: mask in {0, 1}, uint8 `[height, width]`; an empty one stays as it is.

    Returns:
        As `found`; a hole is background from which no path of side-by-side pixels leads to the image's border.
    """
    return binary_fill_holes(found).astype(np.uint8)
