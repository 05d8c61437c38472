"""Dice and IoU while a model trains: Keras metrics that average over images, as the offline measures are.

Source: `metrics.dice` and `metrics.iou`, whose numbers these are at the size of the network's masks.
Departure: from Keras' own `IoU`, `BinaryIoU` and `F1Score`, which pool the pixels of all batches silently, so that one
large lesion outweighs many small ones.
"""

import keras
from keras import ops

from ultraseg.convention import THRESHOLD, lesion, probability


@keras.saving.register_keras_serializable(package="ultraseg")
class Dice(keras.metrics.Mean):
    """Mean over the images of twice the overlap over the sum of the sizes; 1 for an empty image left empty."""

    def __init__(self, *, name="dice", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"  # what callbacks in mode "auto" ask for

    def update_state(self, truth, logits, sample_weight=None):
        """Add a batch.

        Args:
            truth: masks in [0, 1], `[batch, height, width, classes]`; a pixel counts when it is lesion wholly.
            logits: the model's output, same shape.
            sample_weight: weight of each image, `[batch]`.
        """
        both, either = _areas(truth, logits)
        super().update_state(_ratio(2 * both, both + either), sample_weight)


@keras.saving.register_keras_serializable(package="ultraseg")
class IoU(keras.metrics.Mean):
    """Mean over the images of the overlap over the united area; 1 for an empty image left empty."""

    def __init__(self, *, name="iou", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"

    def update_state(self, truth, logits, sample_weight=None):
        """Add a batch.

        Args:
            truth: masks in [0, 1], `[batch, height, width, classes]`; a pixel counts when it is lesion wholly.
            logits: the model's output, same shape.
            sample_weight: weight of each image, `[batch]`.
        """
        super().update_state(_ratio(*_areas(truth, logits)), sample_weight)


def _areas(truth, logits):
    """Pixels that are lesion in both, and in either, `[batch]`; float32 counts up to 2^24 of them exactly."""
    marked = lesion(probability(logits)) > THRESHOLD
    inside = lesion(ops.cast(truth, "float32")) >= 1
    areas = (ops.logical_and(inside, marked), ops.logical_or(inside, marked))
    return [ops.sum(ops.cast(area, "float32"), axis=(1, 2)) for area in areas]


def _ratio(part, whole):
    """The ratio, and 1 where nothing is divided by nothing."""
    return ops.where(whole > 0, part / ops.maximum(whole, 1), 1.0)
