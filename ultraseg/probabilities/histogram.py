"""Probabilities of many images, kept as counts by level, so that memory does not grow with the images.

Source: Hanley and McNeil, 1982, on rating categories: levels are categories, and pixels of one level tie.
Departure: 2^20 levels, even in l / (8 + |l|) with l the log-odds: their width is 1.5e-5 in log-odds at even odds,
2.5e-5 at 9 to 1 and 1.6e-4 where float32 ends below 1. So confident answers, which differ in their last digits alone,
keep their order. What binning would blur, the Brier score and the calibration error, is summed exactly.
"""

import numpy as np

from ultraseg.probabilities._calibration import BINS, Calibration, calibrate
from ultraseg.probabilities._checked import checked
from ultraseg.probabilities._ranking import Ranking

LEVELS = 2**20
BEND = 8.0
"""Log-odds at which half of the levels of either side are used up."""
FARTHEST = 800.0
"""Log-odds that no float but 0 and 1 exceeds."""


class Histogram:
    """The pixels of any number of images by level of probability, background and lesion apart.

    `levels` is int64 `[2, 1048576]`, `calibration` a `Calibration`; given both, as kept in a file, it goes on from
    there, otherwise it holds no image yet.
    """

    def __init__(self, *, levels=None, calibration=None):
        zeros = np.zeros(BINS, np.int64)
        self.levels = np.zeros((2, LEVELS), np.int64) if levels is None else levels
        self.calibration = calibration or Calibration(zeros, zeros, np.zeros(BINS), 0.0)

    def update(self, truth, probability):
        """Add an image.

        Args:
            truth: mask in {0, 1}, `[height, width]`.
            probability: of lesion, same shape, in [0, 1].

        Raises:
            ValueError: the shapes differ, there is no pixel, a mask value is not 0 or 1, or a probability is not a
                number in [0, 1].
        """
        inside, p = checked(truth, probability)
        level = _level(p)
        for counted, own in zip(self.levels, (level[~inside], level[inside]), strict=True):
            if own.size:
                lowest = own.min()
                added = np.bincount(own - lowest)
                counted[lowest : lowest + added.size] += added
        self.calibration = _sum(self.calibration, calibrate(truth, probability))

    def __add__(self, other):
        """The histogram of both's images."""
        calibration = _sum(self.calibration, other.calibration)
        return Histogram(levels=self.levels + other.levels, calibration=calibration)

    def ranking(self):
        """Count at each level that holds a lesion pixel, for the measures that rank.

        Returns:
            `Ranking`; pixels of one level count as tied.
        """
        occupied = np.flatnonzero(self.levels[1])
        alarms, hits = (np.cumsum(counted[::-1])[::-1][occupied] for counted in self.levels)
        tied, lesion = self.levels[:, occupied]
        return Ranking(lesion, tied, hits, alarms, int(self.levels[0].sum()))


def _level(p):
    """The level of each probability, ascending with it."""
    with np.errstate(divide="ignore"):  # 0 and 1 have infinite odds, which the next line bounds
        odds = np.log(p) - np.log(1 - p)
    odds = np.clip(odds, -FARTHEST, FARTHEST)
    return np.rint((odds / (BEND + np.abs(odds)) + 1) * ((LEVELS - 1) / 2)).astype(np.intp)


def _sum(one, other):
    return Calibration(*(mine + theirs for mine, theirs in zip(one, other, strict=True)))
