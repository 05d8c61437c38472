"""The smallest difference from the baseline that a study can resolve with its own seeds, folds and images.

Source: Dorfman, Berbaum, Metz, 1992, with trials for readers and groups of images for cases; Banerjee, 1960.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ultraseg.statistics._crossed import crossed
from ultraseg.statistics._scores import against


@dataclass(frozen=True)
class Resolvable:
    """The median over the rows of what each can resolve, the rows themselves, and how many they are."""

    size: float
    comparisons: int
    table: pd.DataFrame


def resolvable(scores: pd.DataFrame, baseline: Any) -> Resolvable:
    """Find the smallest difference of each row from the baseline that is more than the luck of training and images.

    Trained networks and groups of images are both random; the difference is told from zero, two-sided, at 0.05 divided
    by the number of rows compared (Holm's first step), by Student's t with the degrees of freedom of seeds and folds
    for the networks' share of the standard error, and those of the groups for theirs.

    Args:
        scores: a line per row, seed and image, with the columns row, seed, fold, image, group and score; all rows hold
            the same seeds and images.
        baseline: the row that the others are compared with.

    Returns:
        `table` has a line per other row: row, resolvable, error, images, groups, seeds, folds, left_out, note.
        With one seed on one fold nothing is known of another training: the numbers are NaN and the note says so. With
        one seed on several folds the seeds' share is taken from the spread between folds. `size`, one number for the
        study, is the median of `resolvable`, which half of the rows do at least as well as; NaN if no row has one.

    Raises:
        ValueError: the table is not as wanted, the baseline is no row, there is no other row, or a row shares no
            defined image with it.
    """
    rows = against("resolvable", scores, baseline)
    lines = []
    for row, differences in rows:
        found = crossed(differences)
        numbers = {"resolvable": found.resolvable(len(rows)), "error": found.error}
        lines.append({"row": row, **numbers, **differences.over(), "note": found.note})
    table = pd.DataFrame(lines)
    return Resolvable(float(table["resolvable"].median()), len(rows), table)
