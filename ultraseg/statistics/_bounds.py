"""Ends of the 95 % bootstrap interval of a mean over images, groups of images drawn whole.

Source: Efron, 1987 (BCa); Davison and Hinkley, 1997, section 3.8, for groups drawn whole; `scipy.stats.bootstrap`.
Departure: where all groups agree BCa is 0/0, and the interval has width 0 instead.
"""

import math

import numpy as np
from scipy import stats

LEVEL = 0.95
RESAMPLES = 99
"""Below so many draws all may fall on one side of the mean, which BCa answers with NaN."""
FEW = 6
"""Below so many groups no test is made: six signs cannot reach p = 0.03, five not even 0.05."""


def bounds(sums: np.ndarray, sizes: np.ndarray, *, resamples: int, seed: int) -> tuple[float, float, str]:
    """Ends of the interval of `sum(sums) / sum(sizes)`, and what limits it.

    Args:
        sums: sum of the scores of each group, `[groups]`.
        sizes: number of images of each group, same shape.
        resamples: draws of the groups.
        seed: of the draws.

    Returns:
        Low and high end, NaN with a single group; and a sentence, empty if nothing limits the interval.

    Raises:
        ValueError: there are fewer than 99 resamples.
    """
    refuse_few(resamples)
    if len(sums) < 2:
        return math.nan, math.nan, "One group of images: no interval."
    note = few(len(sums), "the interval is a rough one")
    mean = sums.sum() / sizes.sum()
    if same(sums - mean * sizes, scale=np.abs(sums).max()):
        return mean, mean, note
    drawn = stats.bootstrap(
        (sums, sizes), _ratio, paired=True, vectorized=True, n_resamples=resamples, confidence_level=LEVEL,
        method="BCa", rng=np.random.default_rng(seed),
    )  # fmt: skip
    low, high = drawn.confidence_interval
    return float(low), float(high), note


def refuse_few(resamples: int) -> None:
    """Raise where draws are too few for an interval.

    Raises:
        ValueError: they are.
    """
    if resamples < RESAMPLES:
        raise ValueError(f"bootstrap: {RESAMPLES} resamples or more were wanted, got {resamples}")


def few(groups: int, what: str) -> str:
    """A sentence for fewer than six groups, otherwise nothing."""
    return f"{groups} groups of images, fewer than {FEW}: {what}." if groups < FEW else ""


def same(deviations: np.ndarray, *, scale: float) -> bool:
    """Whether deviations are no more than rounding at that scale."""
    return bool(np.abs(deviations).max() <= 1e-12 * scale)


def _ratio(sums, sizes, axis):
    return sums.sum(axis) / sizes.sum(axis)
