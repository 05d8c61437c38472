"""What a model scores: one row per image, at the image's own size, and its pixels pooled.

A trial whose masks have another size than its images (report 003's net) is measured at the size of its masks.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ultraseg import pipeline, pixels, records
from ultraseg.collection import Collection
from ultraseg.convention import THRESHOLD, lesion, probability, separate, whole
from ultraseg.counts import Counts, counts
from ultraseg.decision import decide, tune
from ultraseg.framing import restored
from ultraseg.measurement import measure
from ultraseg.metrics.accuracy import accuracy_of
from ultraseg.metrics.auc import auc_of
from ultraseg.metrics.average_precision import average_precision_of
from ultraseg.metrics.brier import brier_of
from ultraseg.metrics.expected_calibration_error import expected_calibration_error_of
from ultraseg.pipeline import Cache
from ultraseg.probabilities import Histogram, precision_recall_curve, reliability_curve, roc_curve
from ultraseg.program import Program

WORKERS = 2
"""Threads that measure images while the next ones are prepared."""


class NotFinite(ValueError):
    """The network gives NaN or infinity: its training has diverged, whatever its losses said."""


@dataclass(frozen=True)
class Scene:
    """A trial with its data and its program, as evaluation wants them."""

    trial: dict[str, Any]
    collection: Collection
    cache: Cache
    program: Program


@dataclass(frozen=True)
class Pooled:
    """All pixels of a part at the size of the network's masks, and the mean loss of its images."""

    counted: Counts
    histogram: Histogram
    loss: float

    @property
    def scores(self) -> dict[str, float | None]:
        """What is taken over all pixels at once; None where a class is missing that it wants."""
        ranking, calibration = self.histogram.ranking(), self.histogram.calibration
        found = {
            "accuracy": accuracy_of(self.counted),
            "auc": auc_of(ranking),
            "average_precision": average_precision_of(ranking),
            "brier": brier_of(calibration),
            "expected_calibration_error": expected_calibration_error_of(calibration),
            "loss": self.loss,
        }
        return {name: None if math.isnan(value) else value for name, value in found.items()}

    @property
    def curves(self) -> dict[str, np.ndarray]:
        """The curves behind the scores, as `records.CURVES` names their parts."""
        ranking = self.histogram.ranking()
        parts = (*roc_curve(ranking), *precision_recall_curve(ranking), *reliability_curve(self.histogram.calibration))
        return dict(zip(records.CURVES, parts, strict=True))


def places(scene: Scene, indices: Sequence[int]) -> list[tuple[int, int | None]]:
    """What is measured of these images: each one, or each of its structures where the data set names several."""
    structures = scene.collection.samples[0].structures
    return [(index, channel) for index in indices for channel in (range(len(structures)) if structures else (None,))]


def evaluate(
    scene: Scene, indices: Sequence[int], *, threshold: float = THRESHOLD, pictures: Path | None = None
) -> tuple[list[dict[str, Any]], Pooled]:
    """Predict images and measure them.

    Args:
        scene: what to evaluate.
        indices: the images, at least one.
        threshold: a pixel is marked where its probability exceeds it; the trial's steps after it follow.
        pictures: a folder for the probabilities, `ID.png`, 8-bit grey at the network's size.

    Returns:
        A row per image, or per image and structure, with at least the columns of `records.IMAGES`, and the pixels of
        all.

    Raises:
        NotFinite: the network answers with NaN.
        ValueError: a mask file is broken.
        OSError: a picture cannot be written.
    """
    rows, histogram, total = [], Histogram(), Counts(0, 0, 0, 0)
    with ThreadPoolExecutor(WORKERS) as workers:
        for batch in _predictions(scene, indices):
            for place, p, _ in batch:
                histogram.update(_small(scene, place), p)
                if pictures is not None:
                    name = named(scene, place)["id"]
                    pixels.write(pictures / f"{name}.png", np.rint(p * 255).astype(np.uint8))
            rows += workers.map(lambda one: _row(scene, *one, threshold), batch)
    for row in rows:
        total = Counts(*(sum(pair) for pair in zip(total, _grid_counts(row), strict=True)))
    return rows, Pooled(total, histogram, float(np.mean([row["loss"] for row in rows])))


def tally(scene: Scene, indices: Sequence[int]) -> list[dict[str, Any]]:
    """Predict images and count at the network's size alone, which is cheap.

    Returns:
        A row per image with the columns of `records.TRAINING`.
    """
    answers = (one for batch in _predictions(scene, indices) for one in batch)
    return [named(scene, place) | _grid(scene, place, p) for place, p, _ in answers]


def choose_threshold(scene: Scene, indices: Sequence[int]) -> tuple[float, dict[float, float]]:
    """Choose the threshold of best mean Dice on the validation part, with the trial's steps after it.

    Returns:
        The threshold, and the mean Dice at every candidate.

    Raises:
        ValueError: there is no image, or a mask file is broken.
    """
    pairs = (_at_its_size(scene, place, p) for batch in _predictions(scene, indices) for place, p, _ in batch)
    return tune(pairs, steps=scene.trial["postprocess"])


def measured_at(trial: dict[str, Any]) -> str:
    """Say at which size a trial's images are measured."""
    mask, size = trial["data"]["mask_size"], trial["data"]["size"]
    return "each image's own size" if mask == size else f"{mask[0]}x{mask[1]} pixels"


def row_of(
    scene: Scene, place: tuple[int, int | None], p: np.ndarray, *, threshold: float = THRESHOLD
) -> dict[str, Any]:
    """Measure a given answer to one image, as if a network had given it, without steps after the threshold.

    Args:
        scene: whose image it is.
        place: which image, and which of its structures, as `places` names them.
        p: probability of lesion, `[height, width]`, at any size that the network's picture may have.
        threshold: a pixel is marked where its probability exceeds it.

    Returns:
        As `measurement.measure`.
    """
    truth, p = _at_its_size(scene, place, p)
    return measure(truth, decide(p, threshold=threshold), p, pitch=_pitch(scene, place[0], truth.shape))


def named(scene: Scene, place: tuple[int, int | None]) -> dict[str, str]:
    """The columns of a row that say what it is of; a structure's is called `IMAGE_STRUCTURE` and labelled so."""
    index, channel = place
    sample = scene.collection.samples[index]
    found = {name: getattr(sample, name) for name in ("id", "group", "label", "source")}
    if channel is None:
        return found
    return found | {"id": sample.measured_as[channel], "label": sample.structures[channel]}


def _predictions(scene, indices) -> Iterator[list[tuple[tuple[int, int | None], np.ndarray, float]]]:
    """Yield lists of (place, probability of lesion `[height, width]`, loss), a batch each."""
    trial, program = scene.trial, scene.program
    batches = pipeline.evaluation(scene.cache, indices, classes=trial["classes"], batch=trial["batch"])
    left = iter(places(scene, indices))
    for images, truth in batches:
        logits = program.logits(images)
        losses = keras.ops.convert_to_numpy(program.loss(truth, logits))
        logits = separate(logits) if trial["independent"] else logits
        found = lesion(keras.ops.convert_to_numpy(probability(logits)))
        if not (np.isfinite(found).all() and np.isfinite(losses).all()):
            raise NotFinite("evaluation: the network answers with what is not a finite number")
        yield [(next(left), p, float(loss)) for p, loss in zip(found, losses, strict=True)]


def _row(scene, place, p, loss, threshold) -> dict[str, Any]:
    truth, stretched = _at_its_size(scene, place, p)
    found = decide(stretched, threshold=threshold, steps=scene.trial["postprocess"])
    size = {"height": truth.shape[0], "width": truth.shape[1]}
    measured = measure(truth, found, stretched, pitch=_pitch(scene, place[0], truth.shape))
    return named(scene, place) | size | measured | {"loss": loss} | _grid(scene, place, p)


def _pitch(scene, index, shape) -> tuple[float, float] | None:
    """Height and width in mm of a pixel of the mask that is measured, which may be smaller than its image."""
    pitch = scene.collection.samples[index].pitch_mm
    if pitch is None:
        return None
    return tuple(float(side * own / at) for side, own, at in zip(pitch, scene.cache.shapes[index], shape, strict=True))


def _grid(scene, place, p) -> dict[str, float]:
    """Counts and sums at the size of the network's masks, from which other conventions are computed."""
    truth = _small(scene, place)
    counted = counts(truth, decide(p, threshold=THRESHOLD))
    sums = {"grid_probability": p.sum(dtype=np.float64), "grid_overlap": p[truth > 0].sum(dtype=np.float64)}
    return {f"grid_{name}": value for name, value in counted._asdict().items()} | {k: float(v) for k, v in sums.items()}


def _grid_counts(row) -> Counts:
    return Counts(*(row[f"grid_{name}"] for name in Counts._fields))


def _at_its_size(scene, place, p) -> tuple[np.ndarray, np.ndarray]:
    """The truth at the size that an image is measured at, and the answer brought to it."""
    index, channel = place
    if scene.trial["data"]["mask_size"] != scene.trial["data"]["size"]:
        truth = _small(scene, place)
        return truth, restored(p, truth.shape)
    truth = pixels.read_truth(scene.collection.samples[index], tuple(map(int, scene.cache.shapes[index])), channel)
    return truth, restored(p, truth.shape, policy=pipeline.policy(scene.trial["preprocess"]))


def _small(scene, place) -> np.ndarray:
    """The truth at the size of the network's masks."""
    index, channel = place
    mask = scene.cache.masks[index]
    return whole((mask if channel is None else mask[..., channel]) / 255)
