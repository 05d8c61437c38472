"""Studies drawn at random, with every kind of noise that a study has, and what the statistics say of many of them."""

import contextlib
import gc
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ultraseg import statistics


@dataclass(frozen=True)
class Design:
    """The size of a study and the standard deviations of its noise.

    `trial`: of a trained network, for all images of its trial. `training`: of a row on a fold's training part, with
    every seed. `affinity`: of a row on a group of images, with every seed. `noise`: of one network on one image. Those
    of a fold, a group and an image are difficulty that all rows share.
    """

    rows: int = 2
    seeds: int = 3
    folds: int = 5
    images: int = 120
    groups: int = 90
    trial: float = 0.02
    training: float = 0.0
    affinity: float = 0.03
    noise: float = 0.05
    fold: float = 0.03
    group: float = 0.1
    image: float = 0.05


DESIGNS = {
    "3 seeds x 5 folds, 1 row": Design(),
    "3 seeds x 1 fold, 1 row": Design(folds=1),
    "3 seeds x 5 folds, 6 rows": Design(rows=7),
    "3 seeds x 1 fold, 6 rows": Design(rows=7, folds=1),
}


def studies(design: Design) -> int:
    """How many to draw: 400 of several rows, 1,200 of one, whose rate lies nearer to 5 % than the luck of 400 tells."""
    return 400 if design.rows > 2 else 1200


def study(design: Design, generator: np.random.Generator, *, planted: float = 0.0) -> pd.DataFrame:
    """Draw a study whose rows differ by noise alone; `planted` is added to every score of row 1."""
    rows, seeds, images = np.indices((design.rows, design.seeds, design.images))
    group = np.concatenate(
        [np.arange(design.groups), generator.integers(0, design.groups, design.images - design.groups)]
    )
    fold = (generator.permutation(design.groups) % design.folds)[group]

    def drawn(deviation, *shape):
        return generator.normal(0, deviation, shape)

    trial = drawn(design.trial, design.rows, design.seeds, design.folds)
    score = (
        0.75
        + (drawn(design.fold, design.folds)[fold] + drawn(design.group, design.groups)[group])
        + drawn(design.image, design.images)
        + drawn(design.training, design.rows, 1, design.folds)[:, :, fold]
        + drawn(design.affinity, design.rows, 1, design.groups)[:, :, group]
        + trial[:, :, fold]
        + drawn(design.noise, design.rows, design.seeds, design.images)
    )
    score[1] += planted
    return pd.DataFrame(
        {
            "row": np.array([f"row {row}" for row in range(design.rows)])[rows.ravel()],
            "seed": seeds.ravel(),
            "fold": fold[images.ravel()],
            "image": images.ravel(),
            "group": group[images.ravel()],
            "score": score.ravel(),
        }
    )


def compared(design: Design, generator: np.random.Generator, *, planted: float = 0.0) -> pd.DataFrame:
    """Compare a drawn study with its row 0; few resamples, since neither interval nor permutations decide."""
    drawn = study(design, generator, planted=planted)
    return statistics.compare(drawn, "row 0", resamples=99, permutations=9).table


def false_alarms(design: Design, count: int, *, seed: int = 0) -> dict[str, float]:
    """Share of studies in which some row is called different though none is: by the verdict, by each part of it.

    `resolvable` is the median over the studies of the smallest difference that they resolve.
    """
    generator, found = np.random.default_rng(seed), []
    with _little_garbage():
        for _ in range(count):
            table = compared(design, generator)
            found.append(
                {
                    "distinguishable": table["distinguishable"].any(),
                    "wilcoxon": (table["wilcoxon_holm"] <= 0.05).any(),
                    "beyond": (table["difference"].abs() > table["resolvable"]).any(),
                    "resolvable": table["resolvable"].median(),
                }
            )
    found = pd.DataFrame(found)
    return {**found.drop(columns="resolvable").mean(), "resolvable": found["resolvable"].median()}


def power(design: Design, planted: float, count: int, *, seed: int = 1) -> float:
    """Share of studies in which a difference planted in row 1 is found."""
    generator = np.random.default_rng(seed)
    with _little_garbage():
        tables = [compared(design, generator, planted=planted) for _ in range(count)]
    return float(np.mean([table["distinguishable"][0] for table in tables]))


def near_duplicates(generator: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """120 groups of 1 to 8 near-duplicates with skewed scores as a Dice has, and their true mean."""
    group = np.repeat(np.arange(120), generator.choice([1, 2, 4, 8], 120, p=[0.4, 0.3, 0.2, 0.1]))
    score = 0.95 * generator.beta(4, 1.5, 120)[group] + 0.05 * generator.beta(4, 1.5, len(group))
    image = np.arange(len(group))
    return pd.DataFrame({"row": "a", "seed": 0, "fold": 0, "image": image, "group": group, "score": score}), 4 / 5.5


def coverage(count: int, *, resamples: int, seed: int = 0) -> tuple[float, float]:
    """Share of studies whose interval holds the true mean: groups drawn whole, and groups ignored."""
    generator, held = np.random.default_rng(seed), []
    for _ in range(count):
        table, truth = near_duplicates(generator)
        both = (table, table.assign(group=table["image"]))
        ends = [statistics.interval(one, "a", resamples=resamples) for one in both]
        held.append([found.low <= truth <= found.high for found in ends])
    whole, ignored = np.mean(held, axis=0)
    return float(whole), float(ignored)


@contextlib.contextmanager
def _little_garbage():
    """Statsmodels collects garbage in every correction: 50 ms each, unless what is there now is passed over."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
