"""Answers that need no network: what any study's rows have to beat, and what two annotators reach, a mark beside it.

Source: Otsu, 1979, in OpenCV's form; the mean mask is the prior that a training part gives to every image alike, cut
where it scores the best Dice on that part.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from ultraseg import pixels
from ultraseg.collection import Collection
from ultraseg.convention import THRESHOLD, channels, whole
from ultraseg.decision import tune
from ultraseg.evaluation import Scene, places, row_of
from ultraseg.metrics.dice import dice
from ultraseg.samples import Sample

NAMES = ("all background", "all foreground", "mean mask", "Otsu")
NEVER = -30.0
"""The logit of an answer that is certain to see no lesion."""


def baselines(scene: Scene, train: Sequence[int], test: Sequence[int]) -> dict[str, dict[str, float | None]]:
    """Score the answers that need no network on the test part.

    Args:
        scene: what to compare with.
        train: indices of the training part, whose masks make the mean mask.
        test: indices to score.

    Returns:
        Per name of `NAMES`, means over the test images of everything that is measured; None of what is infinite for
        an image or defined for none, the others leaving out images where they are undefined. `all background` has a
        `loss` too: that of the better of two constant answers, no lesion at all or everywhere the lesion's share of
        the training pixels.

    Raises:
        ValueError: a mask file is broken.
    """
    priors = {channel: _prior(scene, train, channel) for _, channel in places(scene, train[:1])}
    blank = np.zeros(scene.cache.masks.shape[1:3], np.float32)
    answers = {
        "all background": lambda place: (blank, THRESHOLD),
        "all foreground": lambda place: (blank + 1, THRESHOLD),
        "mean mask": lambda place: priors[place[1]],
        "Otsu": lambda place: (_otsu(scene, place[0]), THRESHOLD),
    }
    found: dict[str, dict[str, float | None]] = {}
    for name, answer in answers.items():
        given = [(place, *answer(place)) for place in places(scene, test)]
        found[name] = _means([row_of(scene, place, p, threshold=at) for place, p, at in given])
    shares = [float(prior.mean()) for prior, _ in priors.values()]
    return {**found, "all background": {**found["all background"], "loss": _constant(scene, shares, test)}}


def annotators(collection: Collection) -> dict[str, Any]:
    """How well two masks of one scan agree, where a data set shows a scan twice.

    Args:
        collection: the data, with their manifest.

    Returns:
        `pairs`, the number of pairs of equal images that both have a lesion mask of their own, and their mean `dice`,
        None without a pair. A mark to see scores by, no limit proper.

    Raises:
        ValueError: a mask file is broken.
    """
    equal: dict[str, list[Sample]] = {}
    for sample, row in zip(collection.samples, collection.rows, strict=True):
        if sample.masks:
            equal.setdefault(row.sha256, []).append(sample)
    pairs = [pair for members in equal.values() for pair in itertools.combinations(members, 2)]
    scores = [dice(*(pixels.read(sample, 1)[1] for sample in pair)) for pair in pairs]
    return {"pairs": len(scores), "dice": float(np.mean(scores)) if scores else None}


def _prior(scene, train, channel):
    """The mean mask of the training part, and the threshold at which it scores best there."""
    masks = (scene.cache.masks[index] for index in train)
    truths = [mask if channel is None else mask[..., channel] for mask in masks]
    prior = np.mean([truth / np.float32(255) for truth in truths], axis=0, dtype=np.float32)
    threshold, _ = tune((whole(truth / 255), prior) for truth in truths)
    return prior, threshold


def _otsu(scene, index):
    """The darker side of Otsu's threshold, since lesions are hypoechoic."""
    image = scene.cache.images[index]
    grey = np.ascontiguousarray(image[..., 0]) if image.shape[-1] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return dark.astype(np.float32)


def _means(rows) -> dict[str, float | None]:
    columns = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    known = {name: column[~np.isnan(column)] for name, column in columns.items()}
    return {name: float(column.mean()) if np.isfinite(column).any() and np.isfinite(column).all() else None
            for name, column in known.items()}  # fmt: skip


def _constant(scene, shares, test) -> float:
    """The mean loss of the better of two constant answers, `shares` being those of the lesion or of each structure."""
    odds = [math.log(share / (1 - share)) if 0 < share < 1 else NEVER for share in shares]
    apart = scene.trial["classes"] == 1 or scene.trial["independent"]
    two = [(0, odds[0]), (-odds[0], odds[0]), (-NEVER, NEVER)]
    return min(_loss(scene, test, answer) for answer in ([odds, [NEVER] * len(odds)] if apart else two))


def _loss(scene, indices, answer) -> float:
    """Mean loss of the same logits in every pixel, one per channel."""
    losses = []
    for index in indices:
        truth = scene.cache.masks[index : index + 1] * np.float32(1 / 255)
        truth = truth if truth.ndim == 4 else channels(truth[..., None], len(answer))
        logits = np.broadcast_to(np.float32(answer), truth.shape)
        losses.append(float(np.mean(scene.program.loss(truth, logits))))
    return float(np.mean(losses))
