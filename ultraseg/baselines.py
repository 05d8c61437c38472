"""Answers that need no network: what any study's rows have to beat, and the ceiling that two annotators reach.

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
from ultraseg.evaluation import Scene, row_of
from ultraseg.metrics.dice import dice

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
    masks = scene.cache.masks
    prior = np.mean([masks[index] / np.float32(255) for index in train], axis=0, dtype=np.float32)
    threshold, _ = tune((whole(masks[index] / 255), prior) for index in train)
    answers = {
        "all background": (lambda index: np.zeros_like(prior), THRESHOLD),
        "all foreground": (lambda index: np.ones_like(prior), THRESHOLD),
        "mean mask": (lambda index: prior, threshold),
        "Otsu": (lambda index: _otsu(scene, index), THRESHOLD),
    }
    found = {
        name: _means([row_of(scene, index, answer(index), threshold=at) for index in test])
        for name, (answer, at) in answers.items()
    }
    return {**found, "all background": {**found["all background"], "loss": _constant(scene, prior, test)}}


def annotators(collection: Collection) -> dict[str, Any]:
    """How well two masks of one scan agree, where a data set shows a scan twice.

    Args:
        collection: whose exact copies of an image share a group.

    Returns:
        `pairs`, the number of pairs of equal images that both have a lesion mask of their own, and their mean `dice`,
        None without a pair. A network cannot be asked for more than annotators reach.

    Raises:
        ValueError: a mask file is broken.
    """
    groups: dict[str, list[int]] = {}
    for index, sample in enumerate(collection.samples):
        groups.setdefault(sample.group, []).append(index)
    scores = []
    for members in groups.values():
        for one, other in itertools.combinations(members, 2):
            images = [pixels.read_image(collection.samples[index].image, 3) for index in (one, other)]
            marked = all(collection.samples[index].masks for index in (one, other))
            if marked and images[0].shape == images[1].shape and np.array_equal(*images):
                shape = images[0].shape[:2]
                masks = [pixels.read_mask(collection.samples[index].masks, shape) for index in (one, other)]
                scores.append(dice(*masks))
    return {"pairs": len(scores), "dice": float(np.mean(scores)) if scores else None}


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


def _constant(scene, prior, test) -> float:
    """The mean loss of the better of two constant answers."""
    share = float(prior.mean())
    odds = math.log(share / (1 - share)) if 0 < share < 1 else NEVER
    one = scene.trial["classes"] == 1
    answers = [(odds,), (NEVER,)] if one else [(0, odds), (-odds, odds), (-NEVER, NEVER)]
    return min(_loss(scene, test, answer) for answer in answers)


def _loss(scene, indices, answer) -> float:
    """Mean loss of the same logits in every pixel, one per channel."""
    losses = []
    for index in indices:
        truth = channels(scene.cache.masks[index : index + 1, ..., None] * np.float32(1 / 255), len(answer))
        logits = np.broadcast_to(np.float32(answer), truth.shape)
        losses.append(float(scene.program.loss(truth, logits)[0]))
    return float(np.mean(losses))
