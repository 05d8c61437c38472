"""Which stratum each image of a row lies in."""

import numpy as np
import pandas as pd


def places(who: str, images: np.ndarray, stratum: pd.Series) -> np.ndarray:
    """The stratum of each image, `[images]`.

    Raises:
        ValueError: an image has none or two; the message begins with `who`.
    """
    if not stratum.index.is_unique:
        name = stratum.index[stratum.index.duplicated()][0]
        raise ValueError(f"{who}: one stratum for each image was wanted, {name!r} has two")
    found = stratum.reindex(images)
    if found.isna().any():
        raise ValueError(
            f"{who}: a stratum for each image was wanted, {images[found.isna()][0]!r} has none "
            f"({int(found.isna().sum())} such)"
        )
    return found.to_numpy()
