"""The measuring half of a trial: whatever is chosen is chosen on the validation part, then the test part is opened.

Departure from common practice: the record says when the test part was opened, every time that it was.
"""

import copy
import datetime
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ultraseg import atomic, baselines, evaluation, records
from ultraseg.evaluation import Scene
from ultraseg.study import canonical

OPENED = "opened.json"
UNMEASURED = dict.fromkeys(("threshold", "threshold_from", "threshold_candidates", "test_opened", "pooled"))
"""What `result.json` says where training left no model to measure."""
COMPARED_BY = ("data", "preprocess", "loss", "classes", "independent")
"""What of a trial decides how answers that need no network score on the same parts of the same data."""
_KEPT = 16
_compared: dict[str, dict[str, Any]] = {}


def assess(
    scene: Scene, *, train: Sequence[int], validation: Sequence[int], test: Sequence[int], work: Path
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Measure what a trial has trained, and write its rows, pictures and curves.

    Args:
        scene: the trial with its data and the weights that it keeps.
        train: indices of the training part; of these only counts are taken.
        validation: indices of the validation part, which alone decides a threshold that is to be tuned.
        test: indices of the test part, read once, after every choice.
        work: the trial's folder.

    Returns:
        The rows of the test part, and what `result.json` says of them: the threshold and where it comes from, the
        validation Dice at every candidate if it was tuned, when the test part was opened, and the pooled scores.

    Raises:
        ValueError: a mask file is broken, or a threshold is to be tuned without validation images.
        OSError: a file cannot be written.
    """
    threshold, candidates = scene.trial["threshold"], None
    if threshold == "tuned":
        threshold, candidates = evaluation.choose_threshold(scene, validation)
    records.write_rows(work / "training.csv", records.TRAINING, evaluation.tally(scene, train))
    if validation:
        rows, _ = evaluation.evaluate(scene, validation, threshold=threshold)
        records.write_rows(work / "validation.csv", list(rows[0]), rows)
    pictures = work / "predictions"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    opened = _open(work)
    rows, pooled = evaluation.evaluate(scene, test, threshold=threshold, pictures=pictures)
    records.write_rows(work / "images.csv", list(rows[0]), rows)
    with atomic.file(work / "curves.npz") as temporary, temporary.open("wb") as out:
        np.savez_compressed(out, **pooled.curves)
    chosen = {str(candidate): score for candidate, score in candidates.items()} if candidates else None
    return rows, {
        "threshold": threshold,
        "threshold_from": "study" if candidates is None else "validation",
        "threshold_candidates": chosen,
        "test_opened": opened,
        "pooled": pooled.scores,
    }


def compared(scene: Scene, *, train: Sequence[int], test: Sequence[int]) -> dict[str, Any]:
    """What `result.json` says of answers that need no network, which are the same whatever came of the training.

    The last few are kept, since trials of one study that differ in seed or optimizer ask for the same.
    """
    shared = [scene.trial[name] for name in COMPARED_BY]
    key = canonical([shared, scene.collection.fingerprint, *([int(index) for index in part] for part in (train, test))])
    if key not in _compared:
        found = {
            "baselines": baselines.baselines(scene, train, test),
            "annotators": baselines.annotators(scene.collection),
        }
        while len(_compared) >= _KEPT:
            del _compared[next(iter(_compared))]
        _compared[key] = found
    return copy.deepcopy(_compared[key])


def _open(work: Path) -> list[str]:
    """Note that the test part is opened now; a trial killed while it measured opens it again, and says so."""
    path = work / OPENED
    before = records.read_json(path) if path.is_file() else []
    opened = [*before, datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")]
    records.write_json(path, opened)
    return opened
