"""What a model scores: one row per image, at the image's own size, and its pixels pooled.

A trial whose masks have another size than its images (report 003's net) is measured at the size of its masks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

from ultraseg import pipeline, pixels
from ultraseg.collection import Collection
from ultraseg.convention import THRESHOLD, channels, lesion, probability, whole
from ultraseg.counts import counts
from ultraseg.metrics import accuracy, auc, dice, iou
from ultraseg.metrics.auc import LEVELS, area, histograms
from ultraseg.pipeline import Cache
from ultraseg.program import Program

NEVER = -30.0
"""The logit of an answer that is certain to see no lesion."""


@dataclass(frozen=True)
class Scene:
    """A trial with its data and its program, as evaluation wants them."""

    trial: dict[str, Any]
    collection: Collection
    cache: Cache
    program: Program


def evaluate(
    scene: Scene, indices: Sequence[int], *, pictures: Path | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Predict images and measure them.

    Args:
        scene: what to evaluate.
        indices: the images, at least one.
        pictures: a folder for the probabilities, `ID.png`, 8-bit grey at the network's size.

    Returns:
        A row per image with the columns of `records.IMAGES`, and accuracy, AUC and loss of all their pixels
        pooled at the size of the network's masks (AUC None where one class is missing).

    Raises:
        ValueError: a mask file is broken.
        OSError: a picture cannot be written.
    """
    rows, levels, correct, total = [], np.zeros((2, LEVELS), np.int64), 0, 0
    for index, p, loss in _predictions(scene, indices):
        sample, small = scene.collection.samples[index], _hard(scene.cache.masks[index])
        levels += histograms(small, p)
        correct += int(np.sum((p > THRESHOLD) == small))
        total += small.size
        if pictures is not None:
            pixels.write(pictures / f"{sample.id}.png", np.rint(p * 255).astype(np.uint8))
        rows.append(_row(scene, index, p, loss))
    area_under = area(levels)
    loss = float(np.mean([row["loss"] for row in rows]))
    pooled = {
        "accuracy": correct / total,
        "auc": None if math.isnan(area_under) else area_under,
        "loss": loss,
    }
    return rows, pooled


def all_background(scene: Scene, train: Sequence[int], test: Sequence[int]) -> dict[str, float]:
    """Score the mask without lesion on the test part, for comparison.

    Args:
        scene: what to compare with.
        train: indices whose lesion share makes the constant answer.
        test: indices to score.

    Returns:
        Means over the test images. The loss is that of the better of two constant answers: no lesion at all,
        or everywhere the lesion's share of the training pixels. The AUC of a constant is one half.
    """
    share = float(np.mean([scene.cache.masks[index].mean() / 255 for index in train]))
    prior = math.log(share / (1 - share)) if 0 < share < 1 else NEVER
    nothing = np.zeros(scene.cache.masks.shape[1:], np.float32)
    rows = [_row(scene, index, nothing, 0.0) for index in test]
    means = {score: float(np.mean([row[score] for row in rows])) for score in ("accuracy", "dice", "iou")}
    answers = [(prior,), (NEVER,)] if scene.trial["classes"] == 1 else [(0, prior), (-prior, prior), (-NEVER, NEVER)]
    return {**means, "auc": 0.5, "loss": min(_constant_loss(scene, test, answer) for answer in answers)}


def measured_at(trial: dict[str, Any]) -> str:
    """Say at which size a trial's images are measured."""
    mask, size = trial["data"]["mask_size"], trial["data"]["size"]
    return "each image's own size" if mask == size else f"{mask[0]}x{mask[1]} pixels"


def _predictions(scene, indices):
    """Yield (index, probability of lesion `[height, width]`, loss) for every image."""
    trial, program = scene.trial, scene.program
    batches = pipeline.evaluation(scene.cache, indices, classes=trial["classes"], batch=trial["batch"])
    left = iter(indices)
    for images, truth in batches:
        logits = program.logits(images)
        losses = keras.ops.convert_to_numpy(program.loss(truth, logits))
        found = lesion(keras.ops.convert_to_numpy(probability(logits)))
        for p, loss in zip(found, losses, strict=True):
            yield next(left), p, float(loss)


def _row(scene, index, p, loss) -> dict[str, Any]:
    sample = scene.collection.samples[index]
    if scene.trial["data"]["mask_size"] == scene.trial["data"]["size"]:
        height, width = (int(side) for side in scene.cache.shapes[index])
        truth = pixels.read_mask(sample.masks, (height, width))
        p = np.clip(cv2.resize(p, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    else:
        truth = _hard(scene.cache.masks[index])
    found = (p > THRESHOLD).astype(np.uint8)
    tp, fp, fn, tn = counts(truth, found)
    return {
        "id": sample.id,
        "group": sample.group,
        "label": sample.label,
        "height": truth.shape[0],
        "width": truth.shape[1],
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "tn": tn,
        "accuracy": accuracy(truth, found),
        "dice": dice(truth, found),
        "iou": iou(truth, found),
        "auc": auc(truth, p),
        "loss": loss,
        "probability_sum": float(p.sum(dtype=np.float64)),
        "overlap_sum": float(p[truth > 0].sum(dtype=np.float64)),
    }


def _hard(mask):
    """A cached mask, in [0, 255], as the truth that is measured against."""
    return whole(mask / 255)


def _constant_loss(scene, indices, answer) -> float:
    """Mean loss of the same logits in every pixel, one per channel."""
    losses = []
    for index in indices:
        truth = channels(scene.cache.masks[index : index + 1, ..., None] * np.float32(1 / 255), len(answer))
        logits = np.broadcast_to(np.float32(answer), truth.shape)
        losses.append(float(scene.program.loss(truth, logits)[0]))
    return float(np.mean(losses))
