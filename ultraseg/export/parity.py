"""Parity: does an exported model answer as its trial did, image file by image file?"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ultraseg import pixels, records
from ultraseg.decision import decide
from ultraseg.export import _served
from ultraseg.metrics import dice

STORED = 1 / 510
"""The probability that the 8 bits of a stored prediction may be off by."""


@dataclass(frozen=True)
class Parity:
    """How far an exported model is from its trial on the trial's test images.

    `probability` is the largest difference to the stored predictions, stretched to the image's own size, of which
    `STORED` may be due to their 8 bits; `pixels` the share of all pixels on which the masks differ; `dice` the
    largest difference to the Dice in the trial's table, None where that was measured at another size than the
    image's own.
    """

    images: int
    probability: float
    pixels: float
    dice: float | None

    def sentence(self) -> str:
        """Say it in one line."""
        overlap = "" if self.dice is None else f", their Dice by at most {self.dice:.5f}"
        return (
            f"{self.images} test images against the trial's own predictions: probabilities differ by at most "
            f"{self.probability:.4f} (stored in 8 bits, they may by {STORED:.4f}), masks on {self.pixels:.3%} of the "
            f"pixels{overlap}"
        )


def parity(model, trial_folder, collection):
    """Run an exported model on the test images of its trial and compare.

    Args:
        model: folder of the SavedModel.
        trial_folder: of the trial that it was made from.
        collection: the data of that trial.

    Returns:
        A `Parity`.

    Raises:
        ValueError: the model comes from another trial, the data are not the trial's, or a file is broken.
        OSError: a file cannot be read.
    """
    model, trial_folder = Path(model), Path(trial_folder)
    serve = _served.load(model)
    found, result = (records.read_json(trial_folder / f"{name}.json") for name in ("trial", "result"))
    origin = records.read_json(model / _served.CARD)["id"]
    if origin != found["id"]:
        raise ValueError(f"{model}: made from trial {origin}, not from {found['id']} in {trial_folder}")
    if collection.fingerprint != found["manifest"]:
        raise ValueError(f"{trial_folder}: the data at hand are not those that the trial was trained on")
    own_size = found["trial"]["data"]["mask_size"] == found["trial"]["data"]["size"]
    samples = {sample.id: sample for sample in collection.samples}
    rows = records.read_rows(trial_folder / "images.csv")
    farthest, overlap, different, total = 0.0, 0.0, 0, 0
    for row in rows:
        sample = samples[row["id"]]
        probability, mask = serve(pixels.read_image(sample.image, 3))
        kept = _kept(trial_folder / "predictions" / f"{sample.id}.png", mask.shape)
        farthest = max(farthest, float(np.abs(probability - kept).max()))
        decided = decide(kept, threshold=result["threshold"], steps=found["trial"]["postprocess"])
        different += int(np.count_nonzero(mask != decided))
        total += mask.size
        if own_size:
            truth = pixels.read_mask(sample.masks, mask.shape)
            overlap = max(overlap, abs(float(dice(truth, mask)) - row["dice"]))
    return Parity(len(rows), farthest, different / total, overlap if own_size else None)


def _kept(path, shape):
    """A stored prediction as evaluation stretched it."""
    levels = pixels.read_image(path, 1)[..., 0]
    stretched = cv2.resize(levels / np.float32(255), shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(stretched, 0, 1)
