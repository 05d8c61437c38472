"""One training from start to folder: the only file where data, split, model, loss and optimizer meet.

The order is always the same: train; after each epoch look at the validation part and keep a backup; put the
kept weights back; open the test part once; write the folder. A killed training goes on from its last epoch
and ends in the numbers that it would have had.
"""

import json
import math
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ultraseg import atomic, catalogue, cost, evaluation, pipeline, records, runtime, splits
from ultraseg.assessment import OPENED, UNMEASURED, assess, compared
from ultraseg.collection import Collection
from ultraseg.convention import THRESHOLD, lesion, probability, separate, whole
from ultraseg.metrics import dice, iou
from ultraseg.pipeline import Cache
from ultraseg.program import Program
from ultraseg.splits import Fold
from ultraseg.study import identity

Watch = Callable[[dict[str, Any]], None]


def parts(trial: dict[str, Any], collection: Collection) -> Fold:
    """Split a trial's data; validation comes out of the training part, by group, unless the split brings its own.

    Returns:
        Indices of the collection's samples; those that the trial excludes are in no part.

    Raises:
        ValueError: the split is impossible on these data, or validation is asked of a training part that
            is also the test part.
    """
    data, structures = trial["data"], collection.samples[0].structures
    if trial["independent"] != bool(structures) or structures and trial["classes"] != len(structures):
        told = f"{len(structures)} structures ({', '.join(structures)})" if structures else "one lesion mask an image"
        wanted = f"classes: {len(structures) or 1} and independent: {str(bool(structures)).lower()}"
        raise ValueError(f"classes: {collection.source} has {told}; set {wanted}")
    included = splits.included(collection.samples, data["exclude"])
    samples = [collection.samples[index] for index in included]
    folds = catalogue.bind("splits", data["split"])(samples)
    if trial["fold"] >= len(folds):
        raise ValueError(f"cross.fold: the split has {len(folds)} fold(s), numbered from 0, got {trial['fold']}")
    train, validation, test = folds[trial["fold"]]
    if data["validation"] and validation:
        raise ValueError("data.validation: must be 0 where the split has a validation part of its own")
    if data["validation"] and set(train) & set(test):
        raise ValueError("data.validation: must be 0 where the split tests on what it trained on")
    seed = next(iter(data["split"].values())).get("seed", 0)
    if not validation:
        train, validation = splits.carve(samples, train, share=data["validation"], seed=seed)
    if not validation and trial["keep"] == "best":
        raise ValueError("keep: 'best' is chosen on validation data; set data.validation above 0 or keep: last")
    if not validation and trial["threshold"] == "tuned":
        raise ValueError("threshold: 'tuned' is chosen on validation data; set data.validation above 0 or give one")
    return Fold(*([included[index] for index in part] for part in (train, validation, test)))


def validate(trial: dict[str, Any]) -> None:
    """Try a trial's schedule and its steps on an empty image.

    Raises:
        ValueError: an option is out of its range or a size does not fit.
    """
    [(_, optimizer)] = trial["optimizer"].items()
    catalogue.bind("schedules", trial["schedule"])(optimizer["learning_rate"], 2)
    image = np.zeros((*trial["data"]["size"], trial["data"]["channels"]), np.uint8)
    mask = np.zeros(trial["data"]["mask_size"], np.uint8)
    for step in pipeline.pixel_steps(trial["preprocess"])[0]:
        image = catalogue.bind("preprocess", step)(image)
    if trial["augment"] and trial["data"]["mask_size"] != trial["data"]["size"]:
        raise ValueError("augment: image and mask can move together only if data.mask_size equals data.size")
    for step in trial["augment"]:
        image, mask = catalogue.bind("augment", step)(image, mask, (0,))


def build(trial: dict[str, Any]) -> None:
    """Build a trial's program and try its loss on an empty mask.

    Raises:
        ValueError: an option is out of its range or a size does not fit.
    """
    compiled = Program(trial)
    truth = np.zeros((1, *compiled.model.output_shape[1:]), np.float32)
    compiled.loss(truth, truth)


def run(
    trial: dict[str, Any],
    collection: Collection,
    cache: Cache,
    program: Program,
    *,
    trials: Path,
    determinism: str = "seeded",
    watch: Watch = lambda event: None,
) -> Path:
    """Train, evaluate and write one trial, from its last backup if there is one.

    Args:
        trial: resolved.
        collection: its data.
        cache: its pixels.
        program: a program of its key; it is reset first.
        trials: the folder in which trial folders lie.
        determinism: a level of `runtime.settle`.
        watch: called with `{"kind": "epoch", "epoch": number, **scores}` after every epoch.

    Returns:
        The trial's folder.

    Raises:
        ValueError: the data cannot be split so, a mask file is broken, or the trial was begun at another level
            of determinism.
        OSError: the folder cannot be written.
    """
    name = identity(trial, collection.fingerprint)
    part = parts(trial, collection)
    work = records.under_way(trials, name)
    work.mkdir(parents=True, exist_ok=True)
    for leftover in work.glob(".*"):  # half-written when an earlier process was killed
        shutil.rmtree(leftover)
    history = _history(work)
    _enter(work, history, determinism)
    runtime.settle(trial["seed"], determinism)
    program.reset(trial["seed"])
    if history:
        program.restore(_load(work / "backup.npz")[0])
    _train(trial, cache, program, part, work, watch, history)
    kept = _keep(trial, program, history, work)
    scene = evaluation.Scene(trial, collection, cache, program)
    rows, assessed = [], UNMEASURED
    if kept is not None:
        try:
            rows, assessed = assess(scene, train=part.train, validation=part.validation, test=part.test, work=work)
        except evaluation.NotFinite:
            kept = None
    if kept is not None:
        with atomic.file(work / "model.keras") as temporary:
            program.network().save(temporary)
    records.write_rows(work / "history.csv", records.HISTORY, history)
    records.write_json(work / "trial.json", {"id": name, "trial": trial, "manifest": collection.fingerprint})
    seconds = sum(row["seconds"] for row in history)
    records.write_json(
        work / "result.json",
        {
            "outcome": _outcome(history, kept, part, rows),
            "kept_epoch": kept,
            "epochs": len(history),
            "seconds": round(seconds, 3),
            "images_per_second": round(len(part.train) * len(history) / seconds, 2),
            "parameters": dict(zip(("trainable", "not_trainable"), cost.parameters(program.model), strict=True)),
            "data": {
                "source": collection.source,
                "structures": list(collection.samples[0].structures),
                **{side: len(getattr(part, side)) for side in ("train", "validation", "test")},
                "tested_on_training": bool(set(part.train) & set(part.test)),
                "test_images_with_a_twin_in_training": splits.twins(collection.samples, part),
                "excluded": len(collection.samples)
                - len(splits.included(collection.samples, trial["data"]["exclude"])),
            },
            "measured_at": evaluation.measured_at(trial),
            **assessed,
            **compared(scene, train=part.train, test=part.test),
        },
    )
    for leftover in ("backup.npz", "best.npz", OPENED):
        (work / leftover).unlink(missing_ok=True)
    work.rename(trials / name)
    return trials / name


def _enter(work: Path, history: list[dict[str, Any]], determinism: str) -> None:
    """Add this process to those that have trained the trial; what was lost before a first backup does not count."""
    path = work / "env.json"
    before = records.read_json(path)["processes"] if history else []
    if before and before[0]["determinism"] != determinism:
        raise ValueError(
            f"{work}: begun with --determinism {before[0]['determinism']}; go on so, or remove the folder to start anew"
        )
    here = {"from_epoch": len(history), **runtime.describe(determinism)}
    records.write_json(path, {"processes": [*before, here]})


def _train(trial, cache, program, part, work, watch, history) -> None:
    """Append an epoch to the history until all are done or one diverges."""
    [(_, optimizer)] = trial["optimizer"].items()
    steps = math.ceil(len(part.train) / trial["batch"])
    rates = catalogue.bind("schedules", trial["schedule"])(optimizer["learning_rate"], steps * trial["epochs"])
    for row in history:
        watch({"kind": "epoch", **row})
    for epoch in range(len(history), trial["epochs"]):
        if history and not _finite(history[-1]):
            break
        start = time.perf_counter()
        batches = pipeline.training(
            cache,
            part.train,
            classes=trial["classes"],
            batch=trial["batch"],
            augment=trial["augment"],
            seed=trial["seed"],
            epoch=epoch,
        )
        stepped = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda step, logs, epoch=epoch: watch(
                {"kind": "step", "epoch": epoch, "step": step, "steps": steps}
            )
        )
        loss = program.epoch(batches, rates[epoch * steps : (epoch + 1) * steps], [stepped])
        row = {"epoch": epoch, "loss": loss, "learning_rate": float(rates[(epoch + 1) * steps - 1])}
        row |= _validate(trial, cache, program, part.validation)
        row["seconds"] = time.perf_counter() - start
        history.append(row)
        if trial["keep"] == "best" and _best(history) == epoch:
            _save(work / "best.npz", program.state(), [])
        _save(work / "backup.npz", program.state(), history)
        watch({"kind": "epoch", **row})


def _validate(trial, cache, program, indices) -> dict[str, Any]:
    """Mean over the validation images, at the network's size."""
    if not indices:
        return dict.fromkeys(("val_loss", "val_dice", "val_iou", "val_lesion_pixels"))
    losses, overlaps, unions, pixels_found = [], [], [], 0
    for images, truth in pipeline.evaluation(cache, indices, classes=trial["classes"], batch=trial["batch"]):
        logits = program.logits(images)
        losses.append(keras.ops.convert_to_numpy(program.loss(truth, logits)))
        if trial["independent"]:
            logits, truth = separate(logits), separate(truth)
        found = lesion(keras.ops.convert_to_numpy(probability(logits))) > THRESHOLD
        for mask, answer in zip(found, whole(lesion(keras.ops.convert_to_numpy(truth))), strict=True):
            overlaps.append(dice(answer, mask))
            unions.append(iou(answer, mask))
        pixels_found += int(found.sum())
    return {
        "val_loss": float(np.concatenate(losses).mean()),
        "val_dice": float(np.mean(overlaps)),
        "val_iou": float(np.mean(unions)),
        "val_lesion_pixels": pixels_found,
    }


def _best(history: Sequence[dict[str, Any]]) -> int | None:
    """The epoch of the best validation Dice, the lower validation loss deciding between equals."""
    finite = [row for row in history if _finite(row)]
    return max(finite, key=lambda row: (row["val_dice"], -row["val_loss"]))["epoch"] if finite else None


def _keep(trial, program, history, work) -> int | None:
    """Put the weights that the trial keeps into the program; None if training left none that are finite."""
    kept = _best(history) if trial["keep"] == "best" else history[-1]["epoch"] if _finite(history[-1]) else None
    if trial["keep"] == "best" and kept is not None:
        program.restore(_load(work / "best.npz")[0])
    return kept if all(np.isfinite(array).all() for array in program.model.get_weights()) else None


def _finite(row: dict[str, Any]) -> bool:
    """Whether an epoch left a model that can be used: its losses are numbers, where they were taken."""
    return all(row[loss] is None or math.isfinite(row[loss]) for loss in ("loss", "val_loss"))


def _outcome(history, kept, part, rows) -> str:
    """Collapse is read from the validation part; where there is none, from the test part, which then trained too."""
    if kept is None or not _finite(history[-1]):
        return "diverged"
    found = history[kept]["val_lesion_pixels"] if part.validation else sum(row["tp"] + row["fp"] for row in rows)
    return "trained" if found else "collapsed"


def _save(path: Path, state: list[np.ndarray], history: list[dict[str, Any]]) -> None:
    text = np.frombuffer(json.dumps(history).encode(), np.uint8)
    with atomic.file(path) as temporary, temporary.open("wb") as out:
        np.savez(out, history=text, **{f"state{number}": value for number, value in enumerate(state)})


def _load(path: Path) -> tuple[list[np.ndarray], list[dict[str, Any]]]:
    try:
        with np.load(path, allow_pickle=False) as saved:
            state = [saved[f"state{number}"] for number in range(len(saved.files) - 1)]
            return state, json.loads(saved["history"].tobytes())
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError):
        raise ValueError(f"{path}: a damaged backup; remove its folder to train this trial from the start") from None


def _history(work: Path) -> list[dict[str, Any]]:
    return _load(work / "backup.npz")[1] if (work / "backup.npz").is_file() else []
