"""An exported SavedModel as a function from one image to its probabilities and its mask."""

from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

from ultraseg import catalogue, records

CARD = "ultraseg.json"
"""The file in a SavedModel's folder that says where it comes from."""


def load(folder):
    """Open a model that `saved_model` wrote.

    Args:
        folder: of the SavedModel.

    Returns:
        A `Served`.

    Raises:
        ValueError: the folder is no SavedModel, is damaged or was not made by ultraseg.
    """
    folder = Path(folder)
    if not (folder / "saved_model.pb").is_file():
        raise ValueError(f"{folder}: not a SavedModel, which holds saved_model.pb; `ultraseg export TRIAL` makes one")
    try:
        model = tf.saved_model.load(str(folder))
    except (OSError, tf.errors.OpError):
        raise ValueError(f"{folder}: the SavedModel is damaged; export it again") from None
    signature = model.signatures.get("serving_default")
    takes = signature.structured_input_signature[1] if signature else {}
    gives = signature.structured_outputs if signature else {}
    if set(takes) != {"image"} or set(gives) != {"probability", "mask"}:
        raise ValueError(
            f"{folder}: wants {', '.join(takes) or 'nothing'} and gives {', '.join(gives) or 'nothing'} where "
            "ultraseg's models want image and give probability and mask; `ultraseg export TRIAL` makes one"
        )

    card = records.read_json(folder / CARD) if (folder / CARD).is_file() else {}
    if not {"postprocess", "before", "channels", "structures"} <= card.keys():
        raise ValueError(
            f"{folder}: {CARD} with the steps that are not in the graph is missing; export the trial again"
        )
    return Served(model, card)


class Served:
    """An exported model with the trial's steps on pixels before the network and on the mask after the threshold.

    `structures` names the last axis of what it answers; empty where it answers with one lesion.
    """

    def __init__(self, model, card):
        self.structures = tuple(card["structures"])
        self._model, self._channels = model, card["channels"]  # the model's variables live as long as it does
        self._before = [catalogue.bind("preprocess", step) for step in card["before"]]
        self._after = [catalogue.bind("postprocess", step) for step in card["postprocess"]]

    def __call__(self, image):
        """Turn uint8 `[height, width, 1 or 3]` into a probability (float32) and a mask (uint8 in {0, 1}).

        Returns:
            Both `[height, width]`, or `[height, width, structures]`.
        """
        if self._before:  # they work on the channels that the network takes
            image = _channelled(image, self._channels)
        for step in self._before:
            image = step(image)
        answer = self._model.signatures["serving_default"](image=tf.constant(image[None]))
        return answer["probability"].numpy()[0], _finished(answer["mask"].numpy()[0], self._after)


def _channelled(image, channels):
    if image.shape[-1] == channels:
        return image
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] if channels == 1 else np.repeat(image, 3, axis=-1)


def _finished(mask, steps):
    """The mask, or each structure's, after the steps."""
    parts = [mask] if mask.ndim == 2 else [np.ascontiguousarray(mask[..., k]) for k in range(mask.shape[-1])]
    for step in steps:
        parts = [step(part) for part in parts]
    return parts[0] if mask.ndim == 2 else np.stack(parts, axis=-1)
