"""Strata of images by the size of the lesion: none, small, medium, large."""

import numpy as np
import pandas as pd

NAMES = ("small", "medium", "large")
NONE = "no lesion"


def terciles(areas: pd.Series) -> pd.Series:
    """Cut images into thirds by lesion area; images without lesion are a stratum of their own.

    Args:
        areas: lesion area of the truth by image, in any one unit (pixels at one size, share of the image, mm²), 0
            without lesion; indexed by image.

    Returns:
        `no lesion`, `small`, `medium` or `large` by image. The cuts are the quantiles 1/3 and 2/3 of the areas above 0;
        an area on a cut belongs to the smaller stratum, so that equal areas are never parted.

    Raises:
        ValueError: an area is negative or not a finite number, an image stands twice, or fewer than three images hold a
            lesion.
    """
    values = areas.to_numpy(float)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        raise ValueError(f"terciles: areas from 0 up were wanted, {areas.index[wrong][0]!r} has {values[wrong][0]}")
    if not areas.index.is_unique:
        raise ValueError(
            f"terciles: one area for each image was wanted, {areas.index[areas.index.duplicated()][0]!r} has two"
        )
    lesions = values[values > 0]
    if len(lesions) < 3:
        raise ValueError(f"terciles: three images with a lesion or more were wanted, got {len(lesions)}")
    cuts = np.quantile(lesions, (1 / 3, 2 / 3))
    third = np.array(NAMES)[np.searchsorted(cuts, values, side="left")]
    return pd.Series(np.where(values > 0, third, NONE), index=areas.index, name="stratum")
