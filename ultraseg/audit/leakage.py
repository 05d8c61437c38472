"""Leakage of a split: test images that have a twin, a copy of the same scan, in training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ultraseg import splits
from ultraseg.samples import Sample
from ultraseg.splits import Fold


@dataclass(frozen=True)
class Leakage:
    """How a split leaks: `leaking` of `tested` images have a twin in training, `pairs` being (test, training)."""

    tested: int
    leaking: int
    pairs: tuple[tuple[str, str], ...]

    @property
    def share(self) -> float:
        return self.leaking / self.tested if self.tested else 0.0


def leakage(samples: Sequence[Sample], fold: Fold) -> Leakage:
    """Count the test images that have a twin in training.

    Args:
        samples: with the scans that `collection.collect` filled in.
        fold: indices into them.

    Returns:
        The counts, and every pair of twins that lie on both sides, sorted.
    """
    trained: dict[str, list[str]] = {}
    for index in fold.train:
        trained.setdefault(samples[index].scan or samples[index].id, []).append(samples[index].id)
    pairs = [
        (samples[index].id, twin)
        for index in fold.test
        for twin in trained.get(samples[index].scan or samples[index].id, [])
    ]
    return Leakage(len(fold.test), len({test for test, _ in pairs}), tuple(sorted(pairs)))


def random_leakage(samples: Sequence[Sample], *, share: float = 0.2, seeds: Sequence[int] = range(200)) -> list[float]:
    """The share of test images with a twin in training, for scikit-learn's random split at each seed.

    Args:
        samples: as for `leakage`.
        share: of the images that test.
        seeds: of the splits.

    Returns:
        A share in [0, 1] per seed.
    """
    return [leakage(samples, *splits.random(samples, share=share, seed=int(seed))).share for seed in np.asarray(seeds)]
