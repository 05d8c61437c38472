"""A row's mean by stratum of the images (class, lesion size, source), each with its 95 % interval over groups."""

from typing import Any

import numpy as np
import pandas as pd

from ultraseg.statistics._bounds import bounds
from ultraseg.statistics._scores import one, study
from ultraseg.statistics._strata import places


def strata(scores: pd.DataFrame, row: Any, stratum: pd.Series, *, resamples: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Mean of one row over the images of each stratum, scores averaged over the seeds first.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score.
        row: which row.
        stratum: the stratum's name by image, indexed by image; it may name images that the row does not hold.
        resamples: draws of the groups.
        seed: of the draws.

    Returns:
        A line per stratum, in the order in which `stratum` first names them: stratum, mean, low, high, images, groups,
        seeds, folds, left_out (images of the stratum that are undefined), note. A stratum of which no image is defined
        has NaN for its mean and ends, and says so.

    Raises:
        ValueError: the table is not as wanted, has no such row, an image has no stratum, the row has no defined score,
            or there are fewer than 99 resamples.
    """
    found = one("strata", scores, row)
    whole = study("strata", scores[scores["row"] == row])
    place, every = places("strata", found.images, stratum), places("strata", whole.images, stratum)
    lines = []
    for name in pd.unique(stratum):
        inside = place == name
        if not (every == name).any():
            continue
        left_out = int(np.sum(every == name) - np.sum(inside))
        if not inside.any():
            nothing = dict.fromkeys(("mean", "low", "high"), np.nan) | dict.fromkeys(("images", "groups", "folds"), 0)
            note = "No image of the stratum has a defined score."
            lines.append({"stratum": name, **nothing, "seeds": len(found.values), "left_out": left_out, "note": note})
            continue
        part = whole.defined(f"strata: {name!r}", np.where(every == name, whole.values[0], np.nan))
        low, high, note = bounds(*part.sums(), resamples=resamples, seed=seed)
        ends = {"mean": float(part.values.mean()), "low": low, "high": high}
        lines.append({"stratum": name, **ends, **part.over(), "left_out": left_out, "note": note})
    columns = ["stratum", "mean", "low", "high", "images", "groups", "seeds", "folds", "left_out", "note"]
    return pd.DataFrame(lines, columns=columns)
