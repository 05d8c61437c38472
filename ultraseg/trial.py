"""One training from start to folder: the only file where data, split, model, loss and optimizer meet.

The order is always the same: train; after each epoch look at the validation part and keep a backup; put the
kept weights back; open the test part once; write the folder. A killed training goes on from its last epoch
and ends in the numbers that it would have had.
"""

import functools
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
from ultraseg.budget import budget_of
from ultraseg.clock import Clock
from ultraseg.collection import Collection
from ultraseg.convention import THRESHOLD, lesion, probability, separate, whole
from ultraseg.metrics import dice, iou
from ultraseg.parts import parts
from ultraseg.pipeline import Cache
from ultraseg.program import Program
from ultraseg.study import identity
from ultraseg.tracking import follow

Watch = Callable[[dict[str, Any]], None]
APART = 2**20
"""Between the seeds that a trial's seed stands for in two folds that follow each other."""


def validate(trial: dict[str, Any]) -> None:
    """Try a trial's schedule and its steps on an empty image.

    Raises:
        ValueError: an option is out of its range or a size does not fit.
    """
    [(_, optimizer)] = trial["optimizer"].items()
    schedule = functools.partial(catalogue.bind("schedules", trial["schedule"]), optimizer["learning_rate"])
    if budget_of(trial).of_machine and not np.array_equal(schedule(4)[:2], schedule(2)):
        raise ValueError(
            f"schedule: {next(iter(trial['schedule']))} ends with the training, and a budget of minutes does not say "
            "at which step that is; count steps or images, or take another schedule"
        )
    schedule(2)
    image = np.zeros((*trial["data"]["size"], trial["data"]["channels"]), np.uint8)
    mask = np.zeros(trial["data"]["mask_size"], np.uint8)
    for step in pipeline.pixel_steps(trial["preprocess"])[0]:
        image = catalogue.bind("preprocess", step)(image)
    if trial["augment"] and trial["data"]["mask_size"] != trial["data"]["size"]:
        raise ValueError("augment: image and mask can move together only if data.mask_size equals data.size")
    for step in trial["augment"]:
        image, mask = catalogue.bind("augment", step)(image, mask, (0,))


def build(trial: dict[str, Any], *, devices: int = 1) -> Program:
    """Build a trial's program and try its loss on an empty mask.

    Args:
        trial: resolved.
        devices: how many share each batch.

    Raises:
        ValueError: an option is out of its range, a size does not fit, or the devices cannot share it.
    """
    compiled = Program(trial, devices=devices)
    truth = np.zeros((1, *compiled.output_shape), np.float32)
    compiled.loss(truth, truth)
    return compiled


def run(
    trial: dict[str, Any],
    collection: Collection,
    cache: Cache,
    program: Program,
    *,
    trials: Path,
    determinism: str = "seeded",
    work: Path | None = None,
    track: Sequence[str] = (),
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
        work: where unfinished work is kept; what an earlier process left for this trial if not given.
        track: names of trackers that follow the training, besides TensorBoard; no part of what the trial is.
        watch: called with `{"kind": "step", ...}` after every step, `{"kind": "epoch", "epoch": number, **scores}`
            after every epoch, `{"kind": "told", "sentence": ...}` when a tracker fails, and `{"kind": "written"}`
            before the folder gets its final name; what it raises ends the trial there.

    Returns:
        The trial's folder.

    Raises:
        ValueError: the data cannot be split so, a mask file is broken, or the trial was begun at another level
            of determinism or, at level strict, on another number of devices.
        OSError: the folder cannot be written.
    """
    name = identity(trial, collection.fingerprint)
    part = parts(trial, collection)
    work = work or records.under_way(trials, name)
    work.mkdir(parents=True, exist_ok=True)
    for leftover in work.glob(".*"):  # half-written when an earlier process was killed
        shutil.rmtree(leftover)
    history = _history(work)
    _enter(work, history, determinism, program.devices)
    runtime.forget_peak_memory()
    seed = _seed(trial)
    runtime.settle(seed, determinism)
    program.reset(seed)
    if history:
        program.restore(_load(work / "backup.npz")[0])
    tell = functools.partial(_tell, watch)
    with follow(work, track, trial=trial, name=name, folder=trials.parent, tell=tell) as following:
        _train(trial, cache, program, part, work, watch, history, following)
        totals = _finish(trial, collection, cache, program, part, work, history)
        following.end(history, totals)
    watch({"kind": "written"})
    for leftover in ("backup.npz", "best.npz", "progress.json", OPENED):
        (work / leftover).unlink(missing_ok=True)
    work.rename(trials / name)
    return trials / name


def _tell(watch, sentence: str) -> None:
    watch({"kind": "told", "sentence": sentence})


def _finish(trial, collection, cache, program, part, work, history) -> dict[str, Any]:
    """Measure the weights that are kept, write all but the folder's name, and sum up for trackers."""
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
    manifest = collection.fingerprint
    records.write_json(work / "trial.json", {"id": identity(trial, manifest), "trial": trial, "manifest": manifest})
    seconds, training, shown = (sum(row[key] for row in history) for key in ("seconds", "training_seconds", "images"))
    result = {
        "outcome": _outcome(history, kept, part, rows),
        "kept_epoch": kept,
        "epochs": len(history),
        "seconds": round(seconds, 3),
        "peak_memory_mib": round(runtime.peak_memory_mib(), 1),
        "training_seconds": round(training, 3),
        "seconds_per_epoch": round(training * len(part.train) / shown, 4),
        "images_per_second": round(shown / training, 2),
        "images": shown,
        "multiply_adds": program.multiply_adds,
        "parameters": dict(zip(("trainable", "not_trainable"), cost.parameters(program.model), strict=True)),
        "momentum": cost.momentum(program.network()),
        "data": {
            "source": collection.source,
            "structures": list(collection.samples[0].structures),
            **{side: len(getattr(part, side)) for side in ("train", "validation", "test")},
            "tested_on_training": bool(set(part.train) & set(part.test)),
            "test_images_with_a_twin_in_training": splits.twins(collection.samples, part),
            "excluded": len(collection.samples) - len(splits.included(collection.samples, trial["data"]["exclude"])),
        },
        "measured_at": evaluation.measured_at(trial),
        **assessed,
        **compared(scene, train=part.train, test=part.test),
    }
    records.write_json(work / "result.json", result)
    shown_apart = ("outcome", "kept_epoch", "seconds", "images_per_second", "multiply_adds")
    totals = {key: result[key] for key in shown_apart if result[key] is not None}
    totals["parameters"] = result["parameters"]["trainable"]
    return totals | {f"test/{key}": float(np.mean([row[key] for row in rows])) for key in ("dice", "iou") if rows}


def _enter(work: Path, history: list[dict[str, Any]], determinism: str, devices: int) -> None:
    """Add this process to those that have trained the trial; what was lost before a first backup does not count."""
    path = work / "env.json"
    before = records.read_json(path)["processes"] if history else []
    if before and before[0]["determinism"] != determinism:
        raise ValueError(
            f"{work}: begun with --determinism {before[0]['determinism']}; go on so, or remove the folder to start anew"
        )
    if before and determinism == "strict" and (begun := before[0].get("devices", 1)) != devices:
        raise ValueError(
            f"{work}: begun with --devices {begun}, and strict wants the same bits; go on so, or remove the folder to "
            "start anew"
        )
    here = {"from_epoch": len(history), **runtime.describe(determinism, devices=devices)}
    records.write_json(path, {"processes": [*before, here]})


def _train(trial, cache, program, part, work, watch, history, following) -> None:
    """Append an epoch to the history until all are done or one diverges."""
    [(_, optimizer)] = trial["optimizer"].items()
    schedule = functools.partial(catalogue.bind("schedules", trial["schedule"]), optimizer["learning_rate"])
    budget, images, batch = budget_of(trial), len(part.train), trial["batch"]
    whole = budget.steps(images, batch)
    table = None if whole is None else schedule(whole)
    for row in history:
        watch({"kind": "epoch", **row})
    following.send(history)
    began = len(history)
    while not history or _finite(history[-1]):
        shown, seconds = (sum(row[column] for row in history) for column in ("images", "training_seconds"))
        piece = budget.next(images, batch, shown=shown, seconds=seconds)
        if piece is None:
            break
        epoch, start = len(history), time.perf_counter()
        steps = math.ceil((piece.last - piece.first) / batch)
        before = piece.epoch * math.ceil(images / batch) + piece.first // batch
        rates = (schedule(before + steps) if table is None else table)[before : before + steps]
        batches = pipeline.training(
            cache,
            part.train,
            classes=trial["classes"],
            batch=batch,
            augment=trial["augment"],
            seed=_seed(trial),
            epoch=piece.epoch,
            places=(piece.first, piece.last),
        )
        stepped = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda step, logs, epoch=epoch, steps=steps: watch(
                {"kind": "step", "epoch": epoch, "step": step, "steps": steps}
            )
        )
        clock = Clock(limit=piece.seconds, fresh=epoch == began)
        loss = program.epoch(batches, rates, [clock, stepped])
        row = {"epoch": epoch, "loss": loss, "learning_rate": float(rates[clock.steps - 1])}
        row |= {"images": min(piece.last - piece.first, clock.steps * batch), "training_seconds": clock.seconds}
        row |= _validate(trial, cache, program, part.validation)
        row["seconds"] = time.perf_counter() - start
        history.append(row)
        state = program.state()
        if trial["keep"] == "best" and _best(history) == epoch:
            _save(work / "best.npz", state, history)
            atomic.again(work / "best.npz", work / "backup.npz")
        else:
            _save(work / "backup.npz", state, history)
        records.write_json(work / "progress.json", _progress(history, budget.rounds(images, batch)))
        following.send(history)
        watch({"kind": "epoch", **row})


def _progress(history, rounds: int | None) -> dict[str, Any]:
    """How far a training is, for those who look on: epochs done and wanted (None where only the clock knows), the last
    Dice, seconds of an epoch.
    """
    dice_now = history[-1]["val_dice"]
    return {
        "epoch": len(history),
        "epochs": rounds,
        "val_dice": None if dice_now is None or not math.isfinite(dice_now) else dice_now,
        "seconds_per_epoch": sum(row["seconds"] for row in history) / len(history),
    }


def _seed(trial) -> int:
    """What first weights, order and augmentation are drawn with: the seed on the first fold, on each other one another.

    The folds of one seed are then trainings of their own, as the statistics take them to be; with one draw for all of
    them what a seed happens to be worth would come back in every fold and look like a finding.
    """
    return (trial["seed"] + APART * trial["fold"]) % 2**32


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
