"""Scenes over the tiny BUSI whose program answers what a test says."""

from types import SimpleNamespace

import numpy as np

from tests.drawn import load
from ultraseg import catalogue, pipeline
from ultraseg.collection import collect
from ultraseg.evaluation import Scene


def right(cache, index, strength=9.0):
    """Logits that say the truth."""
    return strength * (cache.masks[index][..., None] / 127.5 - 1)


def scene_of(tiny_busi, folder, logits, indices, *, classes=1, size=(40, 60), mask_size=None, more=""):
    """A scene whose program answers with `logits(cache, index)` for the images in order."""
    trial = load(folder, more).trials[0]
    data = {**trial["data"], "from": {"busi": {"complete": False}}, "size": list(size)}
    data["mask_size"] = list(mask_size or size)
    trial = {**trial, "data": data, "classes": classes, "preprocess": [{"resize": {"size": list(size)}}]}
    collection = collect(data["from"], root=tiny_busi, cache=folder / "cache")
    cache = pipeline.cached(collection, data, trial["preprocess"], folder / "cache")
    left = iter(indices)

    def answer(images):
        return np.stack([logits(cache, next(left)) for _ in images]).astype(np.float32)

    program = SimpleNamespace(logits=answer, loss=catalogue.bind("losses", "bce"))
    return Scene(trial, collection, cache, program)
