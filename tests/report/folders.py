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
CURVES = ([0.0, 0.1, 1.0], [0.0, 0.8, 1.0], [0.0, 1.0], [1.0, 0.2], [0.05, 0.95], [0.1, 0.9], [900, 100])
"""Of a good network, in the order of `records.CURVES`."""


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
    leaking=0,
    excluded=0,
    seconds=10.0,
    parameters=1234567,
    multiply_adds=2500000,
    history=((0.5, 0.6, 0.3), (0.4, 0.5, 0.4)),
    background=0.9,
    predictions=(),
    amended=(),
    momentum=None,
):
    """Write a trial whose images 0, 1, ... have these scores; `dice` empty: it diverged and kept no epoch.

    `history` holds loss, validation loss and validation Dice of each epoch, `background` the accuracy of all
    background, `leaking` the number of test images with a twin in training, `excluded` of those left out,
    `predictions` an 8-bit probability for each image, `amended` columns of the images' rows that stand in place of
    what the scores say, such as those that `counted` fills.
    """
    auc, losses = auc or [0.9] * len(dice), losses or [0.2] * len(dice)
    rows = [
        {
            **dict.fromkeys(records.IMAGES, 0), "id": f"image-{i}", "group": f"image-{i}", "label": "benign",
            "source": source, "height": 32, "width": 32, "tp": found, "lesions": 1,
            "accuracy": 0.95, "dice": d, "iou": d / (2 - d), "auc": a, "loss": loss,
        }
        for i, (d, a, loss) in enumerate(zip(dice, auc, losses, strict=True))
    ]  # fmt: skip
    for row, columns in zip(rows, amended, strict=False):
        row.update(columns)
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "curves.npz", **dict(zip(records.CURVES, CURVES, strict=True)))
        records.write_rows(folder / "images.csv", records.IMAGES, rows)
        records.write_rows(folder / "training.csv", records.TRAINING, rows)
        if validation:
            records.write_rows(folder / "validation.csv", records.IMAGES, rows[:validation])
    others = {"val_iou": 0.3, "val_lesion_pixels": 1, "learning_rate": 0.1}
    others |= {"images": 20, "training_seconds": 0.8, "seconds": 1.0}
    lines = [
        {"epoch": epoch, "loss": loss, "val_loss": val_loss, "val_dice": val_dice, **others}
        for epoch, (loss, val_loss, val_dice) in enumerate(history)
    ]
    records.write_rows(folder / "history.csv", records.HISTORY, lines)
    records.write_json(folder / "trial.json", {"id": folder.name, "trial": trial, "manifest": "m"})
    env = {"git": "abc", "processor": "a processor", "device": ["cpu:0"], "threads": 2}
    records.write_json(folder / "env.json", {"processes": [env]})
    data = {"source": source, "structures": [], "train": 20, "validation": validation, "test": len(dice) or 3}
    leak = {"test_images_with_a_twin_in_training": leaking, "excluded": excluded}
    background = {"accuracy": background, "dice": 0.0, "iou": 0.0, "auc": 0.5, "loss": 0.3}
    other = {"accuracy": 0.1, "dice": 0.15, "iou": 0.1, "auc": 0.5, "hausdorff_px": None}
    result = {
        "outcome": outcome,
        "kept_epoch": len(history) - 1 if rows else None,
        "epochs": len(history),
        "seconds": seconds,
        "seconds_per_epoch": 0.8,
        "images_per_second": 25.0,
        "peak_memory_mib": 900.0,
        "multiply_adds": multiply_adds,
        "momentum": momentum,
        "parameters": {"trainable": parameters, "not_trainable": 8},
        "data": {**data, "tested_on_training": resubstituted, **leak},
        "measured_at": "each image's own size",
        "threshold": 0.5 if rows else None,
        "threshold_from": "study" if rows else None,
        "threshold_candidates": None,
        "test_opened": ["2026-01-02T03:04:05+00:00"] if rows else None,
        "pooled": {"accuracy": 0.94, "auc": 0.91, "loss": 0.2} if rows else None,
        "baselines": {"all background": background, "all foreground": other, "mean mask": other, "Otsu": other},
        "annotators": {"pairs": 0, "dice": None},
    }
    records.write_json(folder / "result.json", result)
    for number, mask in enumerate(predictions):
        pixels.write(folder / "predictions" / f"image-{number}.png", mask)
    return folder


def counted(tp, fp, fn, tn):
    """Fill the columns of an image of which so many pixels were found: one lesion at most, no probability but 0 and 1.

    Measures are by their definitions, so the overlaps of an image without lesion in which nothing is found are 1.
    """
    truth, found = tp + fn, tp + fp
    iou = tp / (truth + fp) if truth + fp else 1.0
    counts = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    return {
        **counts,
        **{f"grid_{name}": count for name, count in counts.items()},
        "grid_probability": float(found),
        "grid_overlap": float(tp),
        "accuracy": (tp + tn) / (truth + fp + tn),
        "dice": 2 * iou / (1 + iou),
        "iou": iou,
        "area_error": (fp - fn) / truth if truth else float("inf") if fp else 0.0,
        "lesions": int(truth > 0),
        "components": int(found > 0),
        "detected_10": float(truth > 0 and iou >= 0.1),
        "detected_50": float(truth > 0 and iou >= 0.5),
        "false_alarms": float(found > 0 and (truth == 0 or iou < 0.1)),
    }


def disk(radius=6, side=32):
    """Draw an 8-bit mask with one disk."""
    return cv2.circle(np.zeros((side, side), np.uint8), (side // 2, side // 2), radius, 255, -1)
