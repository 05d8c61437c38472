"""The levels of a crossed axis as rows: the scores of each averaged over all rows that have it.

Source: the main effect of a factorial design, a difference of marginal means (Montgomery, "Design and analysis of
experiments", chapter 5). A level's mean holds the luck of all its rows' trainings, so that a crossed study resolves far
less between two levels than between two rows.
"""

import pandas as pd


def levels(scores: pd.DataFrame, factors: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Average the rows of each level of an axis, so that levels can be compared as rows are.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score; all rows hold
            the same seeds and images.
        factors: a line per row, indexed by its name, and a column per axis that holds the row's level.
        axis: a column of `factors`.

    Returns:
        The same columns, where a row is a level and its score, under a seed and of an image, the mean over the level's
        rows; NaN where one of them is.

    Raises:
        ValueError: the cross is not complete, so that levels differ in the other axes too.
    """
    if not whole(factors):
        raise ValueError(f"levels: those of {axis!r} can be compared where every combination of levels has one row")
    level = scores["row"].map(factors[axis])
    merged = scores.assign(row=level).groupby(["row", "seed", "fold", "image", "group"], sort=False)["score"]
    rows = len(factors) // factors[axis].nunique()
    return (merged.sum(min_count=rows) / rows).reset_index()


def whole(factors: pd.DataFrame) -> bool:
    """Whether every combination of levels has one row, no more and no less."""
    cells = 1
    for axis in factors:
        cells *= factors[axis].nunique()
    return len(factors) == cells and not factors.duplicated().any()
