"""Synthetic trial folders in the form that `records` describes, with scores given by hand."""

import cv2
import numpy as np

from ultraseg import pixels, records, study
from ultraseg.report import outline
from ultraseg.report._outline import load
from ultraseg.report._summary import summarise

QUESTION = """
title: Does the optimizer matter?
source: {report: "003", table: Table 2}
data: {from: phantom, split: {holdout: {}}, size: [32, 32]}
fixed: {epochs: 2}
cross: {optimizer: [sgd, adam], seed: [0, 1, 2]}
differs: [Scores are on held-out images.]
notes: [KLD and BCE are one function for hard masks.]
published:
  - {at: {optimizer: sgd}, loss: 0.1877, accuracy: 0.9251, auc: 0.9728, where: row 1}
"""


class Folder:
    """A study's folder and its trials, which tests fill one by one; `names[cell][replicate]` are their ids."""

    def __init__(self, root, text, data):
        root.mkdir(parents=True, exist_ok=True)
        (root / "question.yaml").write_text(text)
        self.study = study.load(str(root / "question.yaml"))
        self.root, self.trials, self.data = root / "study", root / "trials", data
        self.names = [
            [f"{cell:06x}{place:06x}" for place in range(len(self.study.cells[cell].trials))]
            for cell in range(len(self.study.cells))
        ]
        ids = [name for cell in self.names for name in cell]
        outline(self.study, ids, folder=self.root, data=data, command="ultraseg run question")

    def put(self, cell, place, **given):
        """Write one trial's folder."""
        trial = self.study.cells[cell].trials[place]
        return put(self.trials / self.names[cell][place], trial, source=self.data, **given)

    def summary(self):
        """Summarise what is there."""
        return summarise(load(self.root), self.trials)


def put(
    folder,
    trial,
    *,
    source,
    dice,
    auc=None,
    losses=None,
    outcome="trained",
    found=10,
    validation=5,
    resubstituted=False,
    seconds=10.0,
    history=((0.5, 0.6, 0.3), (0.4, 0.5, 0.4)),
    background=0.9,
    predictions=(),
):
    """Write a trial whose images 0, 1, ... have these scores; `dice` empty: it diverged and kept no epoch.

    `history` holds loss, validation loss and validation Dice of each epoch, `background` the accuracy of all
    background, `predictions` an 8-bit probability for each image.
    """
    auc, losses = auc or [0.9] * len(dice), losses or [0.2] * len(dice)
    rows = [
        {
            **dict.fromkeys(records.IMAGES, 0), "id": f"image-{i}", "group": f"image-{i}", "label": "benign",
            "tp": found, "accuracy": 0.95, "dice": d, "iou": d / (2 - d), "auc": a, "loss": loss,
        }
        for i, (d, a, loss) in enumerate(zip(dice, auc, losses, strict=True))
    ]  # fmt: skip
    if rows:
        records.write_rows(folder / "images.csv", records.IMAGES, rows)
    others = {"val_iou": 0.3, "val_lesion_pixels": 1, "learning_rate": 0.1, "seconds": 1.0}
    lines = [
        {"epoch": epoch, "loss": loss, "val_loss": val_loss, "val_dice": val_dice, **others}
        for epoch, (loss, val_loss, val_dice) in enumerate(history)
    ]
    records.write_rows(folder / "history.csv", records.HISTORY, lines)
    records.write_json(folder / "trial.json", {"id": folder.name, "trial": trial, "manifest": "m"})
    env = {"git": "abc", "processor": "a processor", "device": ["cpu:0"], "threads": 2}
    records.write_json(folder / "env.json", {"processes": [env]})
    data = {"source": source, "train": 20, "validation": validation, "test": len(dice) or 3}
    background = {"accuracy": background, "dice": 0.0, "iou": 0.0, "auc": 0.5, "loss": 0.3}
    result = {
        "outcome": outcome,
        "kept_epoch": len(history) - 1 if rows else None,
        "epochs": len(history),
        "seconds": seconds,
        "images_per_second": 4.0,
        "parameters": {"trainable": 1234567, "not_trainable": 8},
        "data": {**data, "tested_on_training": resubstituted},
        "measured_at": "each image's own size",
        "threshold": 0.5,
        "pooled": {"accuracy": 0.94, "auc": 0.91, "loss": 0.2} if rows else None,
        "all_background": background,
    }
    records.write_json(folder / "result.json", result)
    for number, mask in enumerate(predictions):
        pixels.write(folder / "predictions" / f"image-{number}.png", mask)
    return folder


def disk(radius=6, side=32):
    """Draw an 8-bit mask with one disk."""
    return cv2.circle(np.zeros((side, side), np.uint8), (side // 2, side // 2), radius, 255, -1)
