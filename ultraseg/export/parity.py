"""Parity: does an exported model answer as its trial did, image file by image file?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ultraseg import pixels, records
from ultraseg.decision import decide
from ultraseg.export import _served
from ultraseg.framing import restored
from ultraseg.metrics import dice
from ultraseg.pipeline import policy

STORED = 1 / 510
"""The probability that the 8 bits of a stored prediction may be off by."""


@dataclass(frozen=True)
class Parity:
    """How far an exported model is from its trial on the trial's test images.

    `probability` is the largest difference to the stored predictions, stretched to the image's own size, of which
    `STORED` may be due to their 8 bits; `pixels` the share of all pixels on which the mask is another than the stored
    predictions decide, whichever way their 8 bits were rounded; `dice` the largest difference to the Dice in the
    trial's table, None where that was measured at another size than the image's own.
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
            f"{self.probability:.4f} (stored in 8 bits, they may by {STORED:.4f}), masks by more than that rounding on "
            f"{self.pixels:.3%} of the pixels{overlap}"
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
    trial = found["trial"]
    own_size = trial["data"]["mask_size"] == trial["data"]["size"]
    rows = {row["id"]: row for row in records.read_rows(trial_folder / "images.csv")}
    tested = {sample.id: sample for sample in collection.samples if rows.keys() & set(sample.measured_as)}
    farthest, overlap, different, total = 0.0, 0.0, 0, 0
    for sample in tested.values():
        probabilities, masks = serve(pixels.read(sample, 3)[0])
        for channel, name in enumerate(sample.measured_as):
            probability, mask = (part[..., channel] if sample.structures else part for part in (probabilities, masks))
            levels = pixels.read_image(trial_folder / "predictions" / f"{name}.png", 1)[..., 0]
            kept = restored(levels / np.float32(255), mask.shape, policy=policy(trial["preprocess"]))
            farthest = max(farthest, float(np.abs(probability - kept).max()))
            different += np.count_nonzero(_unlike(mask, kept, result["threshold"], trial["postprocess"]))
            total += mask.size
            if own_size:
                truth = pixels.read_truth(sample, mask.shape, channel if sample.structures else None)
                overlap = max(overlap, abs(float(dice(truth, mask)) - rows[name]["dice"]))
    return Parity(len(tested), farthest, different / total, overlap if own_size else None)


def _unlike(mask, kept, threshold, steps):
    """Mark where a mask is none of those that the stored probabilities stand for.

    A network that learnt little has a probability near the threshold on much of an image: there its own 8 bits do
    not say which side the trial was on.
    """
    return np.all([mask != decide(kept + off, threshold=threshold, steps=steps) for off in (-STORED, 0, STORED)], 0)
