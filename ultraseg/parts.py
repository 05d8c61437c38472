"""The parts of a trial's data: which images train, which validate and which test. No TensorFlow here."""

from typing import Any

from ultraseg import catalogue, splits
from ultraseg.collection import Collection
from ultraseg.splits import Fold


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
    train = splits.thin(samples, train, share=data["training"], seed=seed)
    if not validation and trial["keep"] == "best":
        raise ValueError("keep: 'best' is chosen on validation data; set data.validation above 0 or keep: last")
    if not validation and trial["threshold"] == "tuned":
        raise ValueError("threshold: 'tuned' is chosen on validation data; set data.validation above 0 or give one")
    return Fold(*([included[index] for index in part] for part in (train, validation, test)))
