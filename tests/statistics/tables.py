"""Small tables of scores, written as a person would write them."""

import numpy as np
import pandas as pd


def table(rows, group=None, fold=None):
    """Scores by row, `{row: [seeds][images]}`; images are a, b, c ..., each its own group on fold 0 unless said."""
    lines = []
    for row, seeds in rows.items():
        for seed, scores in enumerate(np.atleast_2d(np.asarray(seeds, float))):
            for place, score in enumerate(scores):
                mine = place if group is None else group[place]
                where = 0 if fold is None else fold[place]
                lines.append((row, seed, where, f"image {place:03}", f"group {mine:03}", score))
    return pd.DataFrame(lines, columns=["row", "seed", "fold", "image", "group", "score"])
