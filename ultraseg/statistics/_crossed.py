"""Standard error of a mean difference when the trained networks and the test images are both random draws.

Two rows of one recipe differ by the noise of training, which hits all images of a trial at once; a test over images
alone takes it for a finding. So trials and groups of images are crossed random factors, both nested in folds, as
readers and cases are in studies of radiologists; a seed stands for other draws in every fold. With w the share of the
images that a group or fold holds:

    by trial   sum over folds of w² · variance between its seeds / seeds
    by group   sum over groups of w² · (its mean - its fold's mean)²
    by rest    the same of what seed and group leave over, / seeds
    variance = by trial + (by group - by rest), and never below by trial or by group alone

each with its n / (n - 1). With folds and groups of equal size these are the mean squares of trials, groups and rest
over seeds times groups.

Source: Dorfman, Berbaum, Metz, 1992 (the mean squares); Cameron, Gelbach, Miller, 2011, for weights (two-way
clusters); Banerjee, 1960, for the quantile of a sum of two variances: the root of the sum of t² · variance, each part
with its own degrees of freedom.
Departure: no degrees of freedom of Hillis, 2007, for the sum: with two for the trials (three seeds, one fold) they grow
just where the trials happen to lie close together, and 9 % of equal rows were called different. Banerjee's margin holds
its level for every share of the two. Folds: a row may gain or lose on a fold's training part with every seed; where the
spread between folds exceeds what trials and groups explain (F test, p <= 0.25), or these cannot be told apart (one
seed, or a fold with one group), the spread between folds is taken instead, with folds - 1 degrees of freedom.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ultraseg.statistics._scores import Scores

ALPHA = 0.05
POOLED = 0.25
"""Above this p of the F test the folds are pooled, a usual level for a preliminary test (Bancroft, 1964)."""


@dataclass(frozen=True)
class Crossed:
    """Parts of a mean difference's variance, each with its degrees of freedom; and what limits it. None: unknown."""

    parts: tuple[tuple[float, float], ...]
    note: str

    @property
    def error(self) -> float:
        """The standard error; NaN if unknown."""
        return math.sqrt(sum(variance for variance, _ in self.parts)) if self.parts else math.nan

    def resolvable(self, comparisons: int) -> float:
        """The smallest difference that is told from zero, two-sided, at 0.05 divided by the number of comparisons."""
        quantile = 1 - ALPHA / comparisons / 2
        margin = sum(stats.t.ppf(quantile, freedom) ** 2 * variance for variance, freedom in self.parts)
        return float(math.sqrt(margin)) if self.parts else math.nan


def crossed(differences: Scores) -> Crossed:
    """Estimate the variance of the mean over seeds and images of differences between two rows."""
    sizes = np.bincount(differences.group)
    means = np.stack([np.bincount(differences.group, values) for values in differences.values]) / sizes
    fold = np.zeros(len(sizes), int)
    fold[differences.group] = differences.fold
    weight = sizes / sizes.sum()
    seeds, folds, fewest = len(means), fold.max() + 1, np.bincount(fold).min()
    if folds < 2 and seeds < 2:
        note = "One seed on one fold: what another training would change is unknown, so nothing is claimed beyond these"
        return Crossed((), f"{note} trained networks.")
    if folds < 2 and fewest < 2:
        return Crossed((), "One group of images: what other images would change is unknown.")
    if seeds < 2:
        return Crossed(
            _between_folds(means, weight, fold), "One seed: its share is taken from the spread between folds."
        )
    if fewest < 2:
        note = "A fold holds a single group of images: the spread between folds is taken."
        return Crossed(_between_folds(means, weight, fold), note)
    within = _within_folds(means, weight, fold)
    if folds > 1:
        between = _between_folds(means, weight, fold)
        if _exceeds(between, within):
            note = "The folds differ by more than trials and images explain: the spread between folds is taken."
            return Crossed(between, note)
    return Crossed(within, "")


def _within_folds(means: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The part of the trials and what groups add to it, of `[seeds, groups]`. The sum is never below either."""
    seeds, share, count = len(means), np.bincount(fold, weight), np.bincount(fold)
    by_trial = np.stack([np.bincount(fold, weight * one) for one in means]) / share
    residual = means - by_trial[:, fold]
    scale = weight**2 * (count / (count - 1))[fold]
    trials = float(np.sum(share**2 * by_trial.var(0, ddof=1)) / seeds)
    groups = float(np.sum(scale * residual.mean(0) ** 2))
    rest = float(np.sum(scale * residual.var(0, ddof=1)) / seeds)
    trials_freedom = (seeds - 1) * _effective(share)
    groups_freedom = (1 - len(count) / len(weight)) * _effective(weight)
    added = max(groups - min(rest, trials), 0.0)
    return ((trials, trials_freedom), (added, groups_freedom))


def _between_folds(means: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The whole variance from the spread of the folds' means, two folds or more, of `[seeds, groups]`."""
    share, weighted = np.bincount(fold, weight), weight * means.mean(0)
    deviation = np.bincount(fold, weighted) / share - weighted.sum()
    shrink = 1 - 1 / len(share)
    return ((float(np.sum(share**2 * deviation**2) / shrink), shrink * _effective(share)),)


def _effective(weight: np.ndarray) -> float:
    """How many equal parts vary as much as parts of these weights: their number, if they are equal."""
    return float(np.sum(weight**2) ** 2 / np.sum(weight**4))


def _exceeds(between: tuple[tuple[float, float], ...], within: tuple[tuple[float, float], ...]) -> bool:
    """F test of one variance against the sum of others, whose degrees of freedom are Satterthwaite's."""
    [(variance, freedom)] = between
    explained = sum(part for part, _ in within)
    if explained == 0:
        return variance > 0
    its_freedom = explained**2 / sum(part**2 / own for part, own in within)
    return bool(stats.f.sf(variance / explained, freedom, its_freedom) <= POOLED)
